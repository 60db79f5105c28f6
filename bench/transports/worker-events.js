// This project, between processes.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { WorkerEvents } from '@worker-events/core'
import { CHANNEL, TYPE } from '../payload.js'

const RING = 4096

/** Entries that one publisher adds between two looks at the slowest worker. */
const BURST = 512

const root = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

export function start() {
  const directory = fs.mkdtempSync(path.join(root, 'worker-events-bench-'))
  return { info: directory, pids: [], stop: () => fs.rmSync(directory, { recursive: true, force: true }) }
}

export function connect(directory, options, receive) {
  return join({ zone: 'bench', directory }, options, receive)
}

/** A worker of a zone, without loss: it publishes only what every worker still has room for. */
export function join(place, { publishers }, receive) {
  const bus = WorkerEvents.open({ ...place, ...(place.directory && { ringSize: RING }), lifecycle: false }).ref()
  const below = bus.capacity - publishers * BURST
  bus.subscribe(CHANNEL, TYPE, receive)
  return {
    burst: BURST,
    publish: (payload) => bus.publish(CHANNEL, TYPE, payload),
    ready: () => bus.drained({ below }),
    close: () => bus.close(),
  }
}
