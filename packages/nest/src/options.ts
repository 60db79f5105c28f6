/** What the module is configured with, and the token under which a zone's service is injected. */
import { Inject } from '@nestjs/common'
import { WorkerEvents, WorkerEventsError } from '@worker-events/core'
import type { ApiOptions, OpenOptions, WorkerEvent } from '@worker-events/core'
import type { WorkerEventsApiMount } from './controller.js'
import { WorkerEventsService } from './service.js'

/** Options of a zone to open, or a ready bus, which stays open. */
type BusOptions =
  (Omit<OpenOptions, 'onError'> & { bus?: undefined }) | (Pick<OpenOptions, 'onMissed'> & { bus: WorkerEvents })

/** Options of the module. Beside those of the bus: */
export type WorkerEventsModuleOptions = BusOptions & {
  /** Told of failures, `handler` being `Class.method`; by default Nest's `Logger` is, never of the payload. */
  onError?: (error: unknown, event?: WorkerEvent, handler?: string) => unknown
  /** False: what a handler throws is, once reported, an uncaught exception. Default true; handlers may differ. */
  suppressErrors?: boolean
  /** Milliseconds that shutdown waits for handlers that are still running, default 5000. */
  drainTimeout?: number
  /** Of the endpoint, which needs its `channel`. In `forRootAsync`, what it is mounted with stands beside the factory. */
  api?: Partial<Omit<ApiOptions, 'path'>>
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

type Check = readonly [expected: string, isValid: (value: unknown) => boolean]

const boolean: Check = ['a boolean', (value) => typeof value === 'boolean']
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
// A timer takes a longer time for the shortest.
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 2 ** 31

/** What the options of this package must be, wherever they stand. */
const checks = new Map<string, Check>([
  ['api', ['an object', isObject]],
  ['bus', ['a WorkerEvents', (value) => value instanceof WorkerEvents]],
  ['drainTimeout', ['a number of milliseconds, from 0 to 2147483647', isTime]],
  ['isGlobal', boolean],
  ['onError', ['a function', (value) => typeof value === 'function']],
  ['suppressErrors', boolean],
  ['useGlobalPrefix', boolean],
])

/** Checks those among the options that are of this package. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function check(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const [wanted, isValid] = checks.get(name) ?? ['', () => true]
    if (value !== undefined && !isValid(value)) throw refused(`option "${name}" must be ${wanted}, got ${typeof value}`)
  }
}

/** Checks a factory's options, and leaves those of the bus. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function readBusOptions(options: WorkerEventsModuleOptions): OpenOptions {
  if (!isObject(options)) throw refused(`the options of the module must be an object, got ${typeof options}`)
  check(options)
  const own = ['api', 'bus', 'drainTimeout', 'onError', 'suppressErrors']
  const ofBus = Object.entries(options).filter(([name, value]) => value !== undefined && !own.includes(name))
  const other = ofBus.find(([name]) => name !== 'onMissed')
  if (options.bus !== undefined && other !== undefined)
    throw refused(`option "${other[0]}" is for a bus to open, and a ready "bus" is given: leave out one of them`)
  return Object.fromEntries(ofBus) as unknown as OpenOptions
}

export const refused = (message: string): WorkerEventsError => new WorkerEventsError('ERR_INVALID_OPTION', message)
