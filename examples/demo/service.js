// One process of the service: it caches products in memory, and drops what any of the processes purges.
// It knows nothing of the other processes, nor of the one that started it: all it shares with them is the zone.

import http from 'node:http'
import { WorkerEvents } from '@worker-events/core'
import { ProductCache } from './product-cache.js'

const cache = new ProductCache()

// Whoever has missed an event cannot know what else is out of date.
const events = WorkerEvents.open({ zone: 'demo', onMissed: () => cache.clear() })

events.subscribe('cache.invalidate', 'purged', ({ id, publishedAt }, { worker, pid }) => {
  const latency = microseconds() - publishedAt
  const what = cache.drop(id) ? 'drops' : 'does not have'
  log(`${what} product ${id}, ${latency} µs after worker ${worker} (pid ${pid}) published`)
})

const server = http.createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [500, { error: error.message }])
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify({ ...body, worker: events.worker, pid: process.pid })}\n`)
})
server.once('error', ({ message }) => {
  console.error(message)
  process.exit(1)
})
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })

// Ctrl-C reaches every process of the terminal; what follows from it is decided by the one that started this.
process.on('SIGINT', () => undefined)

async function answer({ method, url }) {
  const [, resource, id] = /^\/(products|purge)\/([\w-]{1,64})$/.exec(url) ?? []
  if (method === 'GET' && resource === 'products') return [200, await readProduct(id)]
  if (method === 'POST' && resource === 'purge') return [200, await purge(id)]
  return [404, { error: 'try GET /products/7 or POST /purge/7' }]
}

async function readProduct(id) {
  const start = performance.now()
  const { product, isHit } = await cache.read(id)
  const outcome = isHit ? 'hit' : 'miss'
  log(`GET /products/${id}: ${outcome}, ${(performance.now() - start).toFixed(1)} ms`)
  return { product, cache: outcome }
}

async function purge(id) {
  log(`POST /purge/${id}: publishes cache.invalidate/purged`)
  const generation = events.publish('cache.invalidate', 'purged', { id, publishedAt: microseconds() })
  // Once every worker has read it, no process answers with the old entry any more.
  await events.drained()
  return { purged: id, generation }
}

/** The clock that all processes of the machine share. */
function microseconds() {
  return Number(process.hrtime.bigint() / 1000n)
}

function log(text) {
  console.log(`  worker ${events.worker} (pid ${process.pid})  ${text}`)
}
