// Three producers and two keepers of ledgers share a ring that holds 128 orders. 15,000 go through it; none gets lost.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openOrders } from './zone.js'

const PRODUCERS = ['a', 'b', 'c']
const KEEPERS = 2
const ORDERS = 5000

const directory = mkdtempSync(join(tmpdir(), 'lossless-queue-'))
const children = []
process.on('exit', () => {
  for (const child of children) child.kill()
  rmSync(directory, { recursive: true, force: true })
})
// So that two runs at the same time do not meet in one zone.
process.env.WORKER_EVENTS_DIR = directory

const bus = openOrders()
const ledgers = Array.from({ length: KEEPERS }, (_, keeper) => join(directory, `ledger-${keeper}`))
const keepers = ledgers.map((ledger) => start(new URL('keeper.js', import.meta.url), ledger))
// What inspect() shows from now on gets everything that is published from now on.
while (bus.inspect().workers.length < 1 + KEEPERS) await setTimeout(10)

const producers = PRODUCERS.map((name) => start(new URL('producer.js', import.meta.url), name, ORDERS))
const answers = Promise.all(producers.map(({ child }) => once(child, 'message')))
await Promise.all(producers.map(({ ended }) => ended))
await bus.drained()
bus.publish('orders', 'closed')
await Promise.all(keepers.map(({ ended }) => ended))

const waits = (await answers).reduce((sum, [answer]) => sum + answer.waits, 0)
assert.ok(waits > 0, 'the ring must have been full at times, or nothing is proved')
const [first, ...others] = ledgers.map((ledger) => readFileSync(ledger, 'utf8'))
for (const other of others) assert.ok(other === first, 'all ledgers must be the same')
for (const name of PRODUCERS) {
  const numbers = [...first.matchAll(new RegExp(`^${name} (\\d+)$`, 'gm'))].map(([, n]) => Number(n))
  const placed = Array.from({ length: ORDERS }, (_, at) => at + 1)
  assert.deepEqual(numbers, placed, `the ledger must have every order of ${name} once, in order`)
}
console.log(`${PRODUCERS.length} producers placed ${ORDERS} orders each through a ring of ${bus.capacity}.`)
console.log(`${waits} times one of them had to wait for the slowest reader.`)
console.log(`${KEEPERS} ledgers of ${first.split('\n').length - 1} lines, identical, nothing missing.`)

function start(program, ...args) {
  const child = fork(program, args.map(String))
  children.push(child)
  const ended = once(child, 'exit').then(([status]) => {
    assert.equal(status, 0, `${program.pathname} must end without an error`)
  })
  return { child, ended }
}
