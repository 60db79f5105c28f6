// EventEmitter in one process, without JSON: the ceiling, as nothing leaves the process. One listener stands for a worker.
import { EventEmitter } from 'node:events'

export const isOneProcess = true

const emitter = new EventEmitter()

export function start() {
  return { info: null, pids: [], stop: () => undefined }
}

export function connect(_, __, receive) {
  emitter.setMaxListeners(0)
  emitter.on('event', receive)
  return {
    burst: 4096,
    publish: (payload) => emitter.emit('event', payload),
    ready: () => undefined,
    close: () => emitter.removeAllListeners(),
  }
}
