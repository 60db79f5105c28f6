// One thread of the search. Its loop never returns to the event loop, so no message could reach it; `poll()` can.

import { threadId, workerData } from 'node:worker_threads'
import { WorkerEvents } from '@worker-events/core'
import { isSolution } from './puzzle.js'

const { zone, puzzle, first, step } = workerData
const bus = WorkerEvents.open({ zone, pollInterval: 0 })

// Two threads may find a number at the same time. All see both events in the same order, and keep the first.
// Replay is for a thread that starts when the search is over already.
let found
let latency
const keepFirst = (payload) => {
  if (found !== undefined) return
  found = { n: payload.n, by: payload.by }
  latency = microseconds() - payload.at
}
bus.subscribe('search', 'found', keepFirst, { replay: 'all' })

let tried = 0
for (let n = first; found === undefined; n += step, tried++) {
  if (isSolution(puzzle, n)) bus.publish('search', 'found', { n, by: threadId, at: microseconds() })
  bus.poll()
}
bus.publish('search', 'ended', { thread: threadId, tried, latency, found })

/** The clock that all threads share. */
function microseconds() {
  return Number(process.hrtime.bigint() / 1000n)
}
