// What the middleware is made with: the options of a bus to open, or a bus that somebody else opened and closes.

import { type OpenOptions, type WorkerEvents } from '@worker-events/core'

export type WorkerEventsMiddlewareOptions = OpenOptions | { bus: WorkerEvents }
