// One process of a Koa service: it answers from a cache, which one event empties in every process.
import { workerEvents } from '@worker-events/koa'
import Koa from 'koa'

const cache = new Map()
const events = workerEvents({
  zone: 'koa-example',
  channel: 'cache.invalidate',
  readKey: 'changeme',
  // Whoever has missed an event cannot know what else is out of date.
  onMissed: () => cache.clear(),
})

events.bus.subscribe('cache.invalidate', 'purged', ({ id }) => cache.delete(id))

const app = new Koa()
app.use(events)
app.use((ctx) => {
  const [, resource, id] = /^\/(products|purge)\/(\d+)$/.exec(ctx.path) ?? ctx.throw(404)
  ctx.body = resource === 'purge' ? purge(ctx, id) : read(id)
})

function purge(ctx, id) {
  if (ctx.method !== 'POST') ctx.throw(405)
  return { generation: ctx.workerEvents.publish('cache.invalidate', 'purged', { id }) }
}

function read(id) {
  const isHit = cache.has(id)
  if (!isHit) cache.set(id, { id, name: `product ${id}` })
  return { ...cache.get(id), cache: isHit ? 'hit' : 'miss', pid: process.pid }
}

const server = app.listen(0, '127.0.0.1')

process.once('disconnect', () => {
  // Live tails end with it; a server would wait for them.
  events.close()
  server.close()
})
