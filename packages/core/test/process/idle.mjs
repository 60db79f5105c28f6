/** A program that opens a bus and has nothing else to do; what it does then is its first argument. */
import process from 'node:process'
import { WorkerEvents } from '../../bundle/index.js'

const bus = WorkerEvents.open({ zone: 'fleet' })
bus.subscribe(() => undefined)

const endings = {
  nothing: () => undefined,
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('on purpose')
  },
  reject: () => void Promise.reject(new Error('on purpose')),
  /** Stays until it is told to close, and answers until then. */
  ref: () => {
    bus.ref()
    bus.subscribe('control', 'ping', () => bus.publish('control', 'pong'))
    bus.subscribe('control', 'close', () => bus.close())
  },
  /** Changes its mind. */
  unref: () => void bus.ref().unref(),
}
endings[process.argv[2]]()
