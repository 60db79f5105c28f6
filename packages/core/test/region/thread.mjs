// A thread that takes a place in a SharedArrayBuffer zone, does what it is told, says so, and stays there.
import { parentPort, workerData } from 'node:worker_threads'
import { WorkerEvents } from '../../dist/index.js'
import { Header, Phase, lapOf, stateWord } from '../../dist/layout.js'
import { join } from '../../dist/registry.js'
import { SharedRegion } from '../../dist/region/shared.js'

const { memory, does } = workerData

const acts = {
  /** Draws a generation and labels it, as a publisher that stops there. */
  stall() {
    const region = new SharedRegion(memory)
    const { worker } = join(region)
    const { zone } = region
    const generation = Number(Atomics.add(zone.i64, Header.head / 8, 1n))
    const { capacity } = zone.geometry
    Atomics.store(zone.states, generation % capacity, stateWord(lapOf(generation, capacity), worker, Phase.BUSY))
    return { worker, generation }
  },

  /** Stops as a thread does that waits for another and never hears of it. */
  block() {
    const { worker } = join(new SharedRegion(memory))
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    return { worker }
  },

  /** Publishes for ever, events of all sizes that show by themselves whether they are whole. */
  publish() {
    const bus = WorkerEvents.open({ zone: memory, lifecycle: false, pollInterval: 0 })
    setImmediate(() => {
      for (let count = 0; ; count++) bus.publish('parcel', 'sent', `${count % 10}`.repeat(1 + ((count * 37) % 700)))
    })
    return { worker: bus.worker }
  },

  /** Opens a handle and lets the thread come to its end without closing it. */
  leave() {
    const bus = WorkerEvents.open({ zone: memory, lifecycle: false })
    parentPort.unref()
    return { worker: bus.worker }
  },
}

// Keeps the thread alive until it is ended.
parentPort.on('message', () => undefined)
parentPort.postMessage(acts[does]())
