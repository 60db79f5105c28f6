/** The forms that `publish`, `subscribe` and filters take, brought into one. */
import { type EventType, checkPayload } from './define-events.js'
import type { Selector } from './dispatcher.js'
import { WorkerEventsError, shown } from './errors.js'
import type { Handler } from './event.js'
import { parsePattern } from './names.js'
import type { StreamOptions } from './session.js'
import type { SnapshotFilter } from './snapshot.js'

/** Options of a subscription. */
export interface SubscribeOptions {
  /** Hold the handler by a `WeakRef`. Seed: `register_weak`. */
  weak?: boolean
  /** Ends the subscription when it aborts. */
  signal?: AbortSignal
  /** Deliver the past first: a generation to start after, or `'all'` for what the ring retains. */
  replay?: number | 'all'
}

/** What {@link readSubscription} makes of the arguments. */
export interface Subscribing {
  readonly handler: Handler
  readonly selector: Selector
  readonly options: SubscribeOptions
}

/** Reads the arguments of `subscribe`. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT`, `ERR_INVALID_NAME` */
export function readSubscription(args: readonly unknown[]): Subscribing {
  const at = args.findIndex((arg) => typeof arg === 'function')
  const handler = at < 0 || at > 2 ? undefined : (args[at] as Handler)
  if (handler === undefined) {
    const what = shown(args[Math.min(args.length, 3) - 1])
    throw new WorkerEventsError('ERR_INVALID_ARGUMENT', `the handler of a subscription must be a function, got ${what}`)
  }
  const options = readOptions(args[at + 1])
  return { handler, selector: readSelector(args.slice(0, at)), options }
}

/** Reads whom a subscription is for. @throws {@link WorkerEventsError} `ERR_INVALID_NAME` */
export function readSelector([channel, types]: readonly unknown[]): Selector {
  if (channel === undefined) return types === undefined ? {} : readSelector(['*', types])
  if (isEventType(channel)) {
    const decode = (payload: unknown): unknown => checkPayload(channel, payload)
    const exact = { channel: parsePattern(channel.channel, 'channel'), types: [parsePattern(channel.type, 'type')] }
    return channel.schema === undefined ? exact : { ...exact, decode }
  }
  const of = parsePattern(channel, 'channel')
  if (types === undefined) return { channel: of }
  const list = (Array.isArray(types) ? types : [types]) as readonly unknown[]
  if (list.length === 0) throw new WorkerEventsError('ERR_INVALID_ARGUMENT', 'the list of types is empty')
  return { channel: of, types: list.map((type) => parsePattern(type, 'type')) }
}

function readOptions(value: unknown): SubscribeOptions {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null)
    throw badArgument('the options of a subscription', 'an object', value)
  const options = value as SubscribeOptions
  const unknown = Object.keys(options).find((key) => !['weak', 'signal', 'replay'].includes(key))
  if (unknown !== undefined) throw badArgument('an option of a subscription', 'weak, signal or replay', unknown)
  if (options.weak !== undefined && typeof options.weak !== 'boolean')
    throw badArgument('weak', 'a boolean', options.weak)
  checkSignal(options.signal)
  checkReplay(options.replay)
  return options
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function checkReplay(replay: unknown): void {
  if (replay === undefined || replay === 'all' || (Number.isSafeInteger(replay) && (replay as number) >= 0)) return
  throw badArgument('replay', "a generation or 'all'", replay)
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw badArgument('signal', 'an AbortSignal', signal)
}

/** The error of an argument that is not what it should be. */
export function badArgument(name: string, expected: string, value: unknown): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_ARGUMENT', `${name} must be ${expected}, got ${shown(value)}`)
}

export function isEventType(value: unknown): value is EventType {
  return typeof value === 'object' && value !== null && 'channel' in value && 'schema' in value
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_NAME` */
export function checkEventType(value: unknown): void {
  if (isEventType(value)) return
  const message = `channel must be a string or an event of defineEvents, got ${shown(value)}`
  throw new WorkerEventsError('ERR_INVALID_NAME', message)
}

/** Reads the `unique` key among the options of `publish`. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function readUnique(options: unknown): unknown {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null) {
    // The value is not shown: it may be a key in the wrong place.
    const message = `the options of publish must be an object, got ${options === null ? 'null' : `a ${typeof options}`}`
    throw new WorkerEventsError('ERR_INVALID_ARGUMENT', message)
  }
  const unknown = Object.keys(options).find((key) => key !== 'unique')
  if (unknown !== undefined) throw badArgument('an option of publish', 'unique', unknown)
  return (options as { unique?: unknown }).unique
}

/** Reads the arguments of `events`. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT`, `ERR_INVALID_NAME` */
export function readStream(args: readonly unknown[]): StreamOptions {
  const [event, options = {}] = isEventType(args[0]) ? args : [undefined, args[0]]
  const watching = readWatching(options)
  const { channel, type } = options as Record<string, unknown>
  return { selector: readSelector(event === undefined ? [channel, type] : [event]), ...watching }
}

/** Reads what all streams of events have in common. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function readWatching(options: unknown): Omit<StreamOptions, 'selector'> {
  if (typeof options !== 'object' || options === null) throw badArgument('the options of events', 'an object', options)
  const known = ['channel', 'type', 'replay', 'signal', 'onMissed']
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined) throw badArgument('an option of events', known.join(', '), unknown)
  const { replay, signal, onMissed } = options as Record<string, unknown>
  checkReplay(replay)
  checkSignal(signal)
  if (onMissed !== undefined && typeof onMissed !== 'function') throw badArgument('onMissed', 'a function', onMissed)
  return { replay, signal, onMissed } as Omit<StreamOptions, 'selector'>
}

/** Which events `inspect` and `events` show. */
export interface EventFilter {
  /** Name or pattern. */
  channel?: string
  /** Name or pattern. */
  type?: string
}

/** Which events `inspect` shows. */
export interface InspectFilter extends EventFilter {
  /** Only generations greater than this. */
  since?: number
  /** At most this many, counted from the oldest that matches; 0 is no limit. */
  limit?: number
}

/** Reads the filter of `inspect`. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function readFilter(filter: InspectFilter): SnapshotFilter {
  if (typeof filter !== 'object' || (filter as unknown) === null) throw badArgument('the filter', 'an object', filter)
  const unknown = Object.keys(filter).find((key) => !['channel', 'type', 'since', 'limit'].includes(key))
  if (unknown !== undefined) throw badArgument('a filter', 'channel, type, since or limit', unknown)
  const { since = 0, limit = 0 } = filter
  if (!Number.isSafeInteger(since) || since < 0) throw badArgument('since', 'an integer, 0 or more', since)
  if (!Number.isSafeInteger(limit) || limit < 0) throw badArgument('limit', 'an integer, 0 or more', limit)
  return { matches: readMatcher(filter), since, limit }
}

/** Reads names or patterns of a filter. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function readMatcher({ channel, type }: EventFilter): (channel: string, type: string) => boolean {
  try {
    const channels = channel === undefined ? undefined : parsePattern(channel, 'channel')
    const types = type === undefined ? undefined : parsePattern(type, 'type')
    return (ofChannel, ofType) => channels?.matches(ofChannel) !== false && types?.matches(ofType) !== false
  } catch (error) {
    throw new WorkerEventsError('ERR_INVALID_ARGUMENT', `the filter is wrong: ${(error as Error).message}`)
  }
}
