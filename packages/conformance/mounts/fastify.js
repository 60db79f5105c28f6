// The endpoint in a Fastify app.
import { workerEvents } from '@worker-events/fastify'
import fastify from 'fastify'
import { place } from './listening.js'

/** @type {import('./listening.js').Mount} */
export async function mount(bus, options, at) {
  const app = fastify()
  await app.register(workerEvents, { bus, ...options })
  await app.listen({ ...place, ...at })
  return { server: app.server, close: () => app.close() }
}
