// The middleware: puts a bus on each context as `ctx.workerEvents`. Koa has no hook for closing, so it carries `close()`.

import { WorkerEvents } from '@worker-events/core'
import { type Middleware } from 'koa'
import { type WorkerEventsMiddlewareOptions } from './options.js'

declare module 'koa' {
  interface DefaultContext {
    workerEvents: WorkerEvents
  }
}

export type WorkerEventsMiddleware = Middleware & {
  readonly bus: WorkerEvents
  /** Closes the bus if this middleware opened it. */
  close(): void
}

/**
 * Opens a bus, or takes the one that is passed in.
 *
 * @throws WorkerEventsError what `WorkerEvents.open` throws
 */
export function workerEvents(options: WorkerEventsMiddlewareOptions): WorkerEventsMiddleware {
  const given = 'bus' in options
  const bus = given ? options.bus : WorkerEvents.open(options)

  const middleware: Middleware = async function workerEvents(ctx, next) {
    ctx.workerEvents = bus
    await next()
  }
  const close = () => {
    if (!given) bus.close()
  }
  return Object.assign(middleware, { bus, close })
}
