// Events declared once, with schemas: a wrong payload is stopped at the publisher, and again at the subscriber.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { WorkerEvents } from '@worker-events/core'
import { orderEvents, reports } from './order-events.js'

const SUBSCRIBERS = 2

const received = []
const bus = WorkerEvents.open({ zone: 'typed-events' })
bus.subscribe(reports.ended, (report) => received.push(report))

const subscribers = Array.from({ length: SUBSCRIBERS }, () => fork(new URL('subscriber.js', import.meta.url)))
process.on('exit', () => subscribers.forEach((child) => child.kill()))
const ended = Promise.all(subscribers.map((child) => once(child, 'exit')))
while (bus.inspect().workers.length < 1 + SUBSCRIBERS) await setTimeout(10)

console.log('an order that fits:')
bus.publish(orderEvents.placed, { id: 'A-17', total: 99.5, due: '2027-01-15' })
await bus.drained()

console.log('an order without a date: it is not published')
const before = bus.inspect().newestGeneration
const stopped = codeOf(() => bus.publish(orderEvents.placed, { id: 'A-18', total: 10 }))
assert.equal(stopped, 'ERR_INVALID_PAYLOAD')
assert.equal(bus.inspect().newestGeneration, before)

console.log('a typo in the name of an event:')
assert.equal(
  codeOf(() => bus.publish(orderEvents.plaecd, {})),
  'ERR_UNKNOWN_EVENT',
)

console.log('a program that does not use the list:')
bus.publish('orders', 'placed', { id: 17 })
await bus.drained()

bus.publish(orderEvents.closed)
for (const [status] of await ended) assert.equal(status, 0, 'every subscriber must end without an error')
bus.poll()
const expected = { dues: ['2027-01-15T00:00:00.000Z'], refused: ['ERR_INVALID_PAYLOAD'] }
assert.deepEqual(received, Array(SUBSCRIBERS).fill(expected))
console.log(`${SUBSCRIBERS} subscribers handled the order that fits, and nothing else.`)

function codeOf(call) {
  try {
    call()
  } catch ({ code, message }) {
    console.log(`  ${code}: ${message}`)
    return code
  }
  return 'no error'
}
