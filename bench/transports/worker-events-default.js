// This project with every option at its default: what idling and memory are measured on.
import fs from 'node:fs'
import path from 'node:path'
import { WorkerEvents } from '@worker-events/core'
import { CHANNEL, TYPE } from '../payload.js'
import { start as startProcesses } from './worker-events.js'

export const start = startProcesses

export function connect(directory, _, receive) {
  const bus = WorkerEvents.open({ zone: 'bench', directory }).ref()
  bus.subscribe(CHANNEL, TYPE, receive)
  return {
    burst: 1,
    publish: (payload) => bus.publish(CHANNEL, TYPE, payload),
    ready: () => undefined,
    close: () => bus.close(),
  }
}

/** Bytes of all files of the zone. */
export function bytesOf(directory) {
  return fs.readdirSync(directory).reduce((sum, file) => sum + fs.statSync(path.join(directory, file)).size, 0)
}
