/** The middleware: gives each context the bus, serves the endpoint's path and passes everything else on. */
import { type WorkerEvents, openWorkerEventsApi } from '@worker-events/core'
import type { Context, Middleware, Next } from 'koa'
import type { WorkerEventsMiddlewareOptions } from './options.js'
import { respond } from './respond.js'

declare module 'koa' {
  interface DefaultContext {
    /** The bus of the middleware that this context went through. */
    workerEvents: WorkerEvents
  }
}

/** Middleware with a handle: Koa tells nobody when a server closes. */
export type WorkerEventsMiddleware = Middleware & {
  readonly bus: WorkerEvents
  /** Ends live tails, which a server that closes would wait for, and closes the bus if it was opened here. */
  readonly close: () => void
}

/**
 * Opens a bus, or takes the one that is given, and mounts `worker_events_api`.
 *
 * @throws WorkerEventsError `ERR_INVALID_OPTION` and what `WorkerEvents.open` throws
 */
export function workerEvents(options: WorkerEventsMiddlewareOptions): WorkerEventsMiddleware {
  const { pollOnRequest = false, ...rest } = options
  const { bus, api, close } = openWorkerEventsApi(rest)

  const middleware = async function workerEvents(ctx: Context, next: Next): Promise<void> {
    ctx.workerEvents = bus
    if (pollOnRequest && !bus.closed) bus.poll()
    // Below a mount, Koa's path is what is left of the request's.
    if (!api.serves(ctx.path)) {
      await next()
      return
    }
    const { method, url, headers, req } = ctx
    const { body, rawBody } = ctx.request as { body?: unknown; rawBody?: unknown }
    respond(ctx, await api.handle({ method, url, headers, stream: req, body, rawBody }))
  }
  return Object.assign(middleware, { bus, close })
}
