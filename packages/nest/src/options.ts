/** What the module is configured with, and the token under which a zone's service is injected. */
import { Inject } from '@nestjs/common'
import type { OpenOptions, WorkerEvent } from '@worker-events/core'
import { WorkerEventsService } from './service.js'

/** Options of the module: those of `WorkerEvents.open`, and those below. Times are milliseconds. */
export interface WorkerEventsModuleOptions extends Omit<OpenOptions, 'onError'> {
  /** Told of failures, `handler` being `Class.method`; by default Nest's `Logger` is, never of the payload. */
  onError?: (error: unknown, event?: WorkerEvent, handler?: string) => void
  /** False: what a handler throws is, once reported, an uncaught exception. Default true; handlers may differ. */
  suppressErrors?: boolean
  /** How long shutdown waits for handlers that are still running, default 5000. */
  drainTimeout?: number
}

/** Injection token of {@link WorkerEventsModuleOptions}, inside the module. */
export const OPTIONS = 'WORKER_EVENTS_OPTIONS'

/** Token of the service of a zone, which is its class where the zone has no name. */
export const getWorkerEventsToken = (name?: string): string | typeof WorkerEventsService =>
  name === undefined ? WorkerEventsService : `WorkerEventsService:${name}`

/** Injects the {@link WorkerEventsService} of the zone that the module has under this name. */
export const InjectWorkerEvents = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getWorkerEventsToken(name))
