// This project, between threads of one process.
import { createZoneBuffer } from '@worker-events/core'
import { join } from './worker-events.js'

export const usesThreads = true

export function start() {
  return { info: createZoneBuffer({ ringSize: 4096 }), pids: [], stop: () => undefined }
}

export function connect(zone, options, receive) {
  return join({ zone }, options, receive)
}
