// Two processes of a shop and a browser that watches the orders of both. Plays a scenario, and says by its exit status
// whether the browser has seen every order once and in order.
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { visit } from './browser.js'

const PROCESSES = 2

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 45_000

setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()
cluster.setupPrimary({ exec: new URL('service.js', import.meta.url).pathname })
const workers = Array.from({ length: PROCESSES }, () => cluster.fork())
const [{ port }] = await Promise.all(workers.map(async (worker) => (await once(worker, 'listening'))[0]))
const origin = `http://127.0.0.1:${port}`

const browser = await visit(origin)
console.log(`${browser.name} watches ${origin}, where ${PROCESSES} processes take orders`)

const placed = []
await placeUntilAllHave()
await browserShowsAll()
console.log('it shows the orders of both processes')

for (const worker of workers) worker.send('end tails')
await placeUntilAllHave()
await browserShowsAll()
console.log('its connection was cut, and it has missed nothing')

await browser.close()
for (const worker of workers) worker.disconnect()
const endings = await Promise.all(workers.map((worker) => once(worker, 'exit')))
assert.deepEqual(
  endings.map(([status]) => status),
  Array(PROCESSES).fill(0),
)
console.log('all have ended')

/** Places orders over connections of their own until each process has taken one. */
async function placeUntilAllHave() {
  const taking = new Set()
  while (taking.size < PROCESSES) {
    const id = placed.length + 1
    const init = { method: 'POST', headers: { connection: 'close' } }
    const { pid } = await (await fetch(`${origin}/orders/${id}`, init)).json()
    taking.add(pid)
    placed.push(`order ${id} placed at process ${pid}`)
  }
}

async function browserShowsAll() {
  let lines
  while ((lines = await browser.lines()).length < placed.length) await sleep(20)
  assert.deepEqual(
    lines.map((line) => line.replace(/ \(.*/, '')),
    placed,
  )
}
