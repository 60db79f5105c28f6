/** What the module is configured with, and the token under which a zone's service is injected. */
import { Inject } from '@nestjs/common'
import type { ApiOptions, OpenOptions, WorkerEvent, WorkerEvents } from '@worker-events/core'
import type { WorkerEventsApiMount } from './controller.js'
import { WorkerEventsService } from './service.js'

/** Options of a zone to open, or a ready bus, which stays open. */
type BusOptions =
  (Omit<OpenOptions, 'onError'> & { bus?: undefined }) | (Pick<OpenOptions, 'onMissed'> & { bus: WorkerEvents })

/** Options of the module. Beside those of the bus: */
export type WorkerEventsModuleOptions = BusOptions & {
  /** Told of failures, `handler` being `Class.method`; by default Nest's `Logger` is, never of the payload. */
  onError?: (error: unknown, event?: WorkerEvent, handler?: string) => void
  /** False: what a handler throws is, once reported, an uncaught exception. Default true; handlers may differ. */
  suppressErrors?: boolean
  /** Milliseconds that shutdown waits for handlers that are still running, default 5000. */
  drainTimeout?: number
  /** Mounts the endpoint, which needs its `channel`. With `forRootAsync` its mount stands beside `useFactory`. */
  api?: Partial<ApiOptions>
}

/** What must be known when the module is defined: in `forRootAsync` it stands beside `useFactory`. */
export interface WorkerEventsModuleExtras {
  /** Whether other modules can inject the service without importing this module, default true. */
  isGlobal?: boolean
  /** Tells several zones of an application apart. */
  name?: string
  /** Mounts the endpoint there. */
  api?: WorkerEventsApiMount
}

/** Injection token of {@link WorkerEventsModuleOptions}, inside the module. */
export const OPTIONS = 'WORKER_EVENTS_OPTIONS'

/** Token of the service of a zone, which is its class where the zone has no name. */
export const getWorkerEventsToken = (name?: string): string | typeof WorkerEventsService =>
  name === undefined ? WorkerEventsService : `WorkerEventsService:${name}`

/** Injects the {@link WorkerEventsService} of the zone that the module has under this name. */
export const InjectWorkerEvents = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getWorkerEventsToken(name))
