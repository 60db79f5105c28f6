// The endpoint in a Koa app.
import { createServer } from 'node:http'
import { workerEvents } from '@worker-events/koa'
import Koa from 'koa'
import { listening } from './listening.js'

/** @type {import('./listening.js').Mount} */
export const mount = (bus, options, at) => mountOn(new Koa(), bus, options, at)

/**
 * @param {Koa} app
 * @param {import('@worker-events/core').WorkerEvents} bus
 * @param {import('@worker-events/core').ApiOptions} options
 * @param {{ exclusive?: boolean }} [at]
 */
export async function mountOn(app, bus, options, at) {
  // Koa logs what it emits, and that refusals are emitted is told by tests of the middleware.
  app.silent = true
  const events = workerEvents({ bus, ...options })
  const server = await listening(createServer(app.use(events).callback()), at)
  const close = async () => {
    events.close()
    await new Promise((resolve) => server.close(resolve))
  }
  return { server, close }
}
