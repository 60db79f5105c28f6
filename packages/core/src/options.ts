/** Options: their defaults, and the checks that turn a wrong one into an error before anything is touched. */
import { WorkerEventsError, shown } from './errors.js'
import type { OnError, OnMissed } from './event.js'

/** What a zone's creator chooses; fixed for the zone's life. */
export interface Dimensions {
  /** Entries of the ring: its capacity is exactly this, default 1024. Seed: `worker_events_ring_size`. */
  readonly ringSize: number
  /** Payload bytes that fit one entry, default 512; larger payloads span consecutive entries. */
  readonly entryPayload: number
  /** Workers that can be attached at once, 1-1000, default 64. */
  readonly maxWorkers: number
  /** Unique keys that can live at once, default 8192. */
  readonly uniqueKeys: number
  /** Whether the ring overwrites what a live worker has not read, or `publish` throws `ERR_RING_FULL`. */
  readonly overflow: 'overwrite' | 'reject'
}

/** Options of {@link WorkerEvents.open}. Times are milliseconds, sizes bytes. */
export interface OpenOptions extends Partial<Dimensions> {
  /** Name of a zone on this machine (1–64 of `A-Za-z0-9._-`), or memory made by `createZoneBuffer` for threads. */
  zone: string | SharedArrayBuffer
  /** Where zones live: `WORKER_EVENTS_DIR`, else `/dev/shm/worker-events-<uid>`, else the temp directory. */
  directory?: string
  /**
   * Safety-net poll under the wake-up bell, default 100; 0: nothing is delivered but by `poll()`. Of all workers of a zone
   * one makes it, and wakes the others if it finds something; those poll once a second. Seed: `interval`.
   */
  pollInterval?: number
  /** Life of a `unique` key from its publish on, default 2000. Seed: `timeout`. */
  uniqueTimeout?: number
  /** How long a reader waits for an entry that is claimed but not written, default 100. Seed: `wait_max`. */
  waitMax?: number
  /** Attempts, after the first, before `publish` gives up on a ring held by stalled writers, default 999. Seed: `shm_retries`. */
  publishRetries?: number
  /** Told of failed handlers and undecodable events; by default one line is logged, never the payload. */
  onError?: OnError
  /** Told of generations that this worker lost; by default reported to `onError` as `ERR_EVENTS_MISSED`. */
  onMissed?: OnMissed
  /** Publish `started` and `stopping` on channel `worker-events`, default true. */
  lifecycle?: boolean
  /** Closes the bus when it aborts. */
  signal?: AbortSignal
}

/** What `configure` can change on an open handle. */
export type Changes = Pick<
  OpenOptions,
  'pollInterval' | 'uniqueTimeout' | 'waitMax' | 'publishRetries' | 'onError' | 'onMissed'
>

/** Options of a handle that can change, with their defaults filled in. */
export interface Settings {
  pollInterval: number
  uniqueTimeout: number
  waitMax: number
  publishRetries: number
  onError: OnError
  onMissed: OnMissed | undefined
}

export const defaultDimensions: Dimensions = {
  ringSize: 1024,
  entryPayload: 512,
  maxWorkers: 64,
  uniqueKeys: 8192,
  overflow: 'overwrite',
}

/** Largest zone, in bytes: views of 32-bit words index no more with certainty. */
export const MAX_ZONE_BYTES = 2 ** 31

type Check = readonly [expected: string, isValid: (value: unknown) => boolean]

const LONGEST_TIMER = 2 ** 31 - 1

const integer = (least: number, most: number): Check => [
  `an integer from ${least} to ${most}`,
  (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
]
const milliseconds = (least: number, text: string): Check => [
  text,
  (value) => typeof value === 'number' && value >= least && value <= LONGEST_TIMER,
]
const isFunction: Check = ['a function', (value) => typeof value === 'function']

const dimensionChecks: Record<keyof Dimensions, Check> = {
  ringSize: integer(1, 2 ** 23),
  entryPayload: integer(1, 2 ** 24),
  maxWorkers: integer(1, 1000),
  uniqueKeys: integer(1, 2 ** 24),
  overflow: ["'overwrite' or 'reject'", (value) => value === 'overwrite' || value === 'reject'],
}

const settingChecks: Record<keyof Changes, Check> = {
  pollInterval: milliseconds(0, 'milliseconds, 0 or more'),
  uniqueTimeout: [
    'milliseconds, more than 0',
    (value) => typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER,
  ],
  waitMax: milliseconds(0, 'milliseconds, 0 or more'),
  publishRetries: integer(0, 2 ** 31 - 1),
  onError: isFunction,
  onMissed: isFunction,
}

const ZONE_NAME = /^(?!\.)[A-Za-z0-9._-]{1,64}$/
const zoneName: Check = [
  'a name of 1-64 characters of A-Z a-z 0-9 . _ - that does not start with "."',
  (value) => typeof value === 'string' && ZONE_NAME.test(value),
]
const path: Check = ['a path', (value) => typeof value === 'string' && value !== '' && !value.includes('\0')]

const openChecks: Record<keyof OpenOptions, Check> = {
  ...dimensionChecks,
  ...settingChecks,
  zone: [`${zoneName[0]}, or a SharedArrayBuffer`, (value) => isSharedMemory(value) || zoneName[1](value)],
  directory: path,
  lifecycle: ['a boolean', (value) => typeof value === 'boolean'],
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
}

/** Names of the options of `open`. */
export const openOptionNames: readonly string[] = Object.keys(openChecks)

/** True for memory that threads can share. */
export function isSharedMemory(value: unknown): value is SharedArrayBuffer {
  return Object.prototype.toString.call(value) === '[object SharedArrayBuffer]'
}

function checkObject(options: unknown, where: string): asserts options is object {
  if (typeof options === 'object' && options !== null) return
  throw new WorkerEventsError('ERR_INVALID_OPTION', `${where} needs an object of options, got ${shown(options)}`)
}

function checkAll(options: unknown, checks: Record<string, Check>, where: string): void {
  checkObject(options, where)
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      const known = Object.keys(checks).join(', ')
      throw new WorkerEventsError('ERR_INVALID_OPTION', `${where} has no option "${name}": it takes ${known}`)
    }
    if (value !== undefined && !check[1](value)) throw invalid(name, value, check[0])
  }
}

function invalid(name: string, value: unknown, expected: string): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_OPTION', `option "${name}" must be ${expected}, got ${shown(value)}`)
}

/** Checks the options of `open`. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function checkOpenOptions(options: OpenOptions): void {
  checkAll(options, openChecks, 'WorkerEvents.open')
  if ((options as Partial<OpenOptions>).zone === undefined) throw invalid('zone', undefined, openChecks.zone[0])
}

/** Checks a zone's name and directory. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function checkPlace(options: { zone: string; directory?: string | undefined }, where: string): void {
  checkAll(options, { zone: zoneName, directory: path }, where)
  if ((options as { zone?: string }).zone === undefined) throw invalid('zone', undefined, zoneName[0])
}

/** Checks the options of `createZoneBuffer`. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function checkBufferOptions(options: Partial<Dimensions> & { zone?: string }): void {
  checkAll(options, { zone: zoneName, ...dimensionChecks }, 'createZoneBuffer')
}

/** The dimensions among the options. */
export function dimensionsIn(options: Partial<Dimensions>): Partial<Dimensions> {
  const names = Object.keys(dimensionChecks) as (keyof Dimensions)[]
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]))
}

/** The settings that the options give, over those that hold now. */
export function settingsFrom(options: Changes, now: Settings): Settings {
  const names = Object.keys(settingChecks) as (keyof Changes)[]
  const given = names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])
  return { ...now, ...(Object.fromEntries(given) as Partial<Settings>) }
}

/**
 * Checks the changes of `configure`.
 * @throws {@link WorkerEventsError} `ERR_ZONE_FIXED` for what belongs to the zone, `ERR_INVALID_OPTION`
 */
export function checkChanges(changes: Changes): void {
  checkObject(changes, 'configure')
  const fixed = Object.keys(changes).find((name) =>
    ['zone', 'directory', ...Object.keys(dimensionChecks)].includes(name),
  )
  if (fixed !== undefined) {
    throw new WorkerEventsError('ERR_ZONE_FIXED', `option "${fixed}" is fixed once a zone is open: open another handle`)
  }
  checkAll(changes, settingChecks, 'configure')
}
