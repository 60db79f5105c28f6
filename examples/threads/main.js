// Four threads search for one number. The first that finds it tells the others, who are in the midst of their loops.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import { isSolution } from './puzzle.js'

const THREADS = 4
const puzzle = { text: 'worker-events', zeros: '00000' }

const zone = createZoneBuffer()
const bus = WorkerEvents.open({ zone })
const reports = []
bus.subscribe('search', 'ended', (report) => reports.push(report))

console.log(`${THREADS} threads search for n so that the SHA-256 of "${puzzle.text} n" begins with ${puzzle.zeros}.`)
const threads = Array.from({ length: THREADS }, (_, first) => {
  const workerData = { zone, puzzle, first, step: THREADS }
  return new Worker(new URL('searcher.js', import.meta.url), { workerData })
})
const statuses = await Promise.all(threads.map((thread) => once(thread, 'exit')))
// What the threads published last may not have been delivered yet.
bus.poll()

assert.deepEqual(statuses.flat(), Array(THREADS).fill(0), 'every thread must end without an error')
assert.equal(reports.length, THREADS, 'every thread must report')
const { n, by } = reports[0].found
for (const { thread, tried, latency, found } of reports) {
  assert.deepEqual(found, reports[0].found, 'all threads must agree on who was first')
  const ending = thread === by ? `found it: ${n}` : `was stopped ${latency} µs later`
  console.log(`  thread ${thread} tried ${tried.toLocaleString('en')} numbers and ${ending}`)
}
assert.ok(isSolution(puzzle, n), `${n} must be a solution`)
