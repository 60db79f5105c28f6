// Four Koa processes behind one port. A route of the application publishes; the endpoint shows and follows. Plays a
// scenario, and says by its exit status whether all went as it should.
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
const endpoint = `${origin}/internal/worker-events?key=changeme`
setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()
console.log(`${PROCESSES} processes serve ${origin}`)

/** Asks over a connection of its own, which any of the processes may take. */
const ask = (url, init = {}) => fetch(url, { ...init, headers: { connection: 'close', ...init.headers } })

assert.equal((await ask(`${origin}/internal/worker-events`)).status, 401)
const tail = follow(await ask(endpoint, { headers: { accept: 'text/event-stream' } }))

await allAnswer('hit')
console.log('all of them have product 7 in their caches')

const { generation } = await (await ask(`${origin}/purge/7`, { method: 'POST' })).json()
console.log(`one process publishes generation ${generation}`)
console.log(`the live tail of another shows ${await tail}`)

// Each process has read the event once it lags behind no more.
let seen
do seen = await (await ask(endpoint)).json()
while (seen.workers.some(({ lag }) => lag > 0))
assert.equal(seen.workers.length, PROCESSES)
assert.deepEqual(
  seen.events.map((event) => event.generation),
  [generation],
)

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
