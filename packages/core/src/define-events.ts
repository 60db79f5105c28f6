/**
 * Typed events: a channel's events declared once, with the types of their payloads and, where wanted, a schema that
 * checks them. Seed: `event_list` of lua-resty-worker-events, whose typo in an event's name is an error at once.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { WorkerEventsError, shown } from './errors.js'
import { encodePair } from './names.js'

/** One event of a channel. `In` is what is published, `Out` what handlers get. */
export interface EventType<Out = unknown, In = Out> {
  readonly channel: string
  readonly type: string
  /** The schema that checks the payload; absent if only its type is known. */
  readonly schema: StandardSchemaV1<In, Out> | undefined
  /** `channel/type` */
  toString(): string
}

/** Says the type of a payload without checking it. */
export interface Unchecked<T> {
  readonly kind: 'unchecked'
  /** Never there: carries the type. */
  readonly payload?: T
}

/** Declares an event without a payload. */
// A form of its own, because a default of `T` would give way to what the context expects, which is `unknown`.
export function event(): Unchecked<undefined>
/** Declares an event by the type of its payload alone: `purged: event<{ tag: string }>()`. */
export function event<T>(): Unchecked<T>
export function event(): Unchecked<unknown> {
  return { kind: 'unchecked' }
}

type Validate = StandardSchemaV1['~standard']['validate']

type Definition = Unchecked<unknown> | StandardSchemaV1

type EventOf<D> =
  D extends StandardSchemaV1<infer In, infer Out>
    ? EventType<Out, In>
    : D extends Unchecked<infer T>
      ? EventType<T>
      : never

/** What {@link defineEvents} gives: an {@link EventType} by each name, and the channel as `$channel` (seed: `_source`). */
export type EventList<D extends Record<string, Definition>> = { readonly [K in keyof D]: EventOf<D[K]> } & {
  readonly $channel: string
}

/**
 * Declares the events of a channel.
 *
 * A name that was not declared is a compile error, and at run time {@link WorkerEventsError} `ERR_UNKNOWN_EVENT`.
 * @throws {@link WorkerEventsError} `ERR_INVALID_NAME`, `ERR_INVALID_ARGUMENT`
 */
export function defineEvents<const D extends Record<string, Definition>>(
  channel: string,
  definitions: D,
): EventList<D> {
  const list: Record<string, unknown> = { $channel: channel }
  for (const [type, definition] of definitionsIn(channel, definitions)) {
    const schema = '~standard' in definition ? definition : undefined
    list[type] = Object.freeze({ channel, type, schema, toString: () => `${channel}/${type}` })
  }
  return new Proxy(Object.freeze(list), {
    get(target, name, receiver) {
      // What await, JSON.stringify and the like look for is no typo.
      const isTypo = typeof name === 'string' && !Object.hasOwn(target, name) && name !== 'then' && name !== 'toJSON'
      if (isTypo) throw unknownEvent(channel, name, Object.keys(definitions))
      return Reflect.get(target, name, receiver) as unknown
    },
  }) as EventList<D>
}

function definitionsIn(channel: string, definitions: unknown): [string, Definition][] {
  if (typeof definitions !== 'object' || definitions === null || Array.isArray(definitions)) {
    throw invalid(`the events of channel ${shown(channel)} must be an object, got ${shown(definitions)}`)
  }
  // The channel is checked without any event, too.
  encodePair(channel, '-')
  const entries = Object.entries(definitions)
  for (const [type, definition] of entries) {
    encodePair(channel, type)
    if (type === '$channel') throw new WorkerEventsError('ERR_INVALID_NAME', 'no event can be named "$channel"')
    if (isDefinition(definition)) continue
    throw invalid(`event "${type}" must be event<T>() or a Standard Schema, got ${shown(definition)}`)
  }
  return entries as [string, Definition][]
}

function isDefinition(value: unknown): value is Definition {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return '~standard' in value || ('kind' in value && value.kind === 'unchecked')
}

function invalid(message: string): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_ARGUMENT', message)
}

function unknownEvent(channel: string, name: string, known: readonly string[]): WorkerEventsError {
  return new WorkerEventsError(
    'ERR_UNKNOWN_EVENT',
    `channel "${channel}" has no event "${name}": it has ${known.join(', ')}`,
  )
}

/**
 * Checks a payload by an event's schema and gives the schema's output.
 * @throws {@link WorkerEventsError} `ERR_INVALID_PAYLOAD`; names the places that are wrong, never the values
 */
export function checkPayload({ channel, type, schema }: EventType, payload: unknown): unknown {
  if (schema === undefined) return payload
  const result = resultOf(schema, payload, `${channel}/${type}`)
  if ('then' in result) {
    // Its answer comes too late for anybody, a rejection too.
    result.then(undefined, () => undefined)
    throw new WorkerEventsError(
      'ERR_INVALID_PAYLOAD',
      `the schema of "${channel}/${type}" is asynchronous: use one that is not`,
    )
  }
  if (result.issues === undefined) return result.value
  const places = result.issues.map(({ path }) => path?.map(pathKey).join('.') || 'the payload itself')
  throw new WorkerEventsError(
    'ERR_INVALID_PAYLOAD',
    `the payload does not fit the schema of "${channel}/${type}", at: ${[...new Set(places)].join(', ')}`,
  )
}

/** A schema that fails by itself fails the payload, with its own error as the cause. */
function resultOf(schema: StandardSchemaV1, payload: unknown, name: string): ReturnType<Validate> {
  let result: unknown
  try {
    result = schema['~standard'].validate(payload)
  } catch (cause) {
    throw new WorkerEventsError('ERR_INVALID_PAYLOAD', `the schema of "${name}" threw an error`, { cause })
  }
  if (typeof result === 'object' && result !== null) return result as ReturnType<Validate>
  throw new WorkerEventsError('ERR_INVALID_PAYLOAD', `the schema of "${name}" gave no result`)
}

function pathKey(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === 'object' ? segment.key : segment)
}
