// Four processes behind one port, with nothing but `node:http`. Plays a scenario, and says by its exit status whether all
// went as it should.
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'

const PROCESSES = 4

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 20_000

cluster.setupPrimary({ exec: new URL('service.js', import.meta.url).pathname })
const workers = Array.from({ length: PROCESSES }, () => cluster.fork())
const [{ port }] = await Promise.all(workers.map(async (worker) => (await once(worker, 'listening'))[0]))
const origin = `http://127.0.0.1:${port}`
const endpoint = `${origin}/internal/worker-events`
setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()
console.log(`${PROCESSES} processes serve ${origin}`)

/** Asks over a connection of its own, which any of the processes may take. */
const ask = (url, init = {}) => fetch(url, { ...init, headers: { connection: 'close', ...init.headers } })
const publish = (key) =>
  ask(`${endpoint}?key=${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'changed', payload: { name: 'greeting', value: 'good day' } }),
  })

await allAnswer('hello')
assert.equal((await publish('wrong')).status, 401)
const { status, generation } = await (await publish('changeme')).json()
assert.equal(status, 'published')
console.log(`the setting is changed through one process, by generation ${generation}`)

let seen
do seen = await (await ask(endpoint)).json()
while (seen.workers.some(({ lag }) => lag > 0))
assert.equal(seen.workers.length, PROCESSES)

await allAnswer('good day')
console.log(`all ${PROCESSES} greet with "good day"`)

for (const worker of workers) worker.disconnect()
const endings = await Promise.all(workers.map((worker) => once(worker, 'exit')))
assert.deepEqual(
  endings.map(([code]) => code),
  Array(PROCESSES).fill(0),
)

/** Asks until every process has answered; none may greet otherwise. */
async function allAnswer(expected) {
  const answered = new Set()
  while (answered.size < PROCESSES) {
    const { greeting, pid } = await (await ask(origin)).json()
    assert.equal(greeting, expected, `process ${pid} greets otherwise`)
    answered.add(pid)
  }
}
