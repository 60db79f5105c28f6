/** The only door of the package. */
export { type WorkerEventsMiddleware, workerEvents, workerEvents as default } from './middleware.js'
export type { WorkerEventsMiddlewareOptions } from './options.js'
