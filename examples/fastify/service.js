// One process of a Fastify service: it answers from a cache, which one event empties in every process.
import { workerEvents } from '@worker-events/fastify'
import fastify from 'fastify'

const cache = new Map()
const app = fastify()

await app.register(workerEvents, {
  zone: 'fastify-example',
  channel: 'cache.invalidate',
  publishKey: 'changeme',
  // Whoever has missed an event cannot know what else is out of date.
  onMissed: () => cache.clear(),
  // The application's own authentication goes before the endpoint's key.
  hooks: {
    onRequest: async (request, reply) => {
      if (request.headers['x-team'] !== 'operations') return reply.code(403).send({ error: 'operations only' })
    },
  },
})

app.workerEvents.subscribe('cache.invalidate', 'purged', ({ id }) => cache.delete(id))

app.get('/products/:id', async ({ params: { id } }) => {
  const isHit = cache.has(id)
  if (!isHit) cache.set(id, { id, name: `product ${id}` })
  return { ...cache.get(id), cache: isHit ? 'hit' : 'miss', pid: process.pid }
})

await app.listen({ port: 0, host: '127.0.0.1' })

// Live tails end, requests are answered, the bus is closed.
process.once('disconnect', () => app.close())
