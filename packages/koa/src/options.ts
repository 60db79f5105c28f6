/** What the middleware is made with. */
import type { WorkerEventsApiOptions } from '@worker-events/core'

/** The options of a bus to open and of its endpoint side by side; or a ready `bus`, which stays open. */
export type WorkerEventsMiddlewareOptions = WorkerEventsApiOptions & {
  /** Polls the bus upon each request: one atomic read when there is nothing new. Seed: "poll upon each request". */
  pollOnRequest?: boolean
}
