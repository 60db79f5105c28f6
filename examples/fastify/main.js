// Four Fastify processes behind one port, with the endpoint to publish, to inspect and to follow. Plays a scenario, and
// says by its exit status whether all went as it should.
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
const team = { 'x-team': 'operations' }

const tail = follow(await ask(endpoint, { headers: { ...team, accept: 'text/event-stream' } }))

await allAnswer('hit')
console.log('all of them have product 7 in their caches')

const purge = { method: 'POST', body: JSON.stringify({ type: 'purged', payload: { id: '7' } }) }
const json = { 'content-type': 'application/json' }
assert.equal((await ask(endpoint, { ...purge, headers: json })).status, 403)
assert.equal((await ask(endpoint, { ...purge, headers: { ...json, ...team } })).status, 401)
console.log('who is not of operations, or has no key, cannot publish')

const headers = { ...json, ...team, authorization: 'Bearer changeme' }
const published = await (await ask(endpoint, { ...purge, headers })).json()
assert.equal(published.status, 'published')
console.log(`one process publishes generation ${published.generation}`)
console.log(`the live tail of another shows ${await tail}`)

// Each process has read the event once it lags behind no more.
let seen
do seen = await (await ask(endpoint, { headers: team })).json()
while (seen.workers.some(({ lag }) => lag > 0))
assert.equal(seen.workers.length, PROCESSES)
assert.deepEqual(seen.events.at(-1).payload, { id: '7' })

await allAnswer('miss')
console.log('none of them has product 7 any more')

for (const worker of workers) worker.disconnect()
const endings = await Promise.all(workers.map((worker) => once(worker, 'exit')))
assert.deepEqual(
  endings.map(([status]) => status),
  Array(PROCESSES).fill(0),
)
console.log('all have ended')

/** Asks for the product until every process has given this answer as its latest. */
async function allAnswer(expected) {
  const answered = new Set()
  while (answered.size < PROCESSES) {
    const { cache, pid } = await (await ask(`${origin}/products/7`)).json()
    if (cache === expected) answered.add(pid)
    // A process that was asked again fills its cache again.
    else assert.ok(expected === 'hit' || answered.has(pid), `process ${pid} still has product 7`)
  }
}

/** The first event of a live tail. */
async function follow({ body }) {
  let text = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece
    const [, data] = /^data: (.*)$/m.exec(text) ?? []
    if (data !== undefined) return data
  }
  throw new Error('the live tail ended')
}
