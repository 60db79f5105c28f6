/**
 * Subscriptions, and the delivery of one event to those it matches.
 *
 * Order for one event: handlers of everything, then of the channel, then of channel and type; within each, weak before
 * strong, then in order of subscription. The matching subscriptions of a name pair form a route. Routes are made when a
 * pair is first met, kept for pairs that somebody subscribed to, up to a bound, and thrown away when subscriptions change:
 * a subscription made while an event is delivered cannot enter the route that is being walked.
 */
import { WorkerEventsError } from './errors.js'
import type { Handler, OnError, WorkerEvent } from './event.js'
import { Shape } from './json/plain-reader.js'
import { type NamePair, type Pattern, channelHash, encodePair } from './names.js'
import type { ChangingInterests } from './ring/lookahead.js'
import type { Named } from './ring/entry.js'
import type { RecordView } from './ring/reader.js'

const ROUTES_KEPT = 1024

/** Turns a payload into what handlers get, by the schema of a typed event; throws `ERR_INVALID_PAYLOAD`. */
export type Decode = (payload: unknown) => unknown

/** Whom a handler is for: nothing given is everything. */
export interface Selector {
  readonly channel?: Pattern
  readonly types?: readonly Pattern[]
  readonly decode?: Decode
}

/** One handler at one level: a subscription to several types has one of these for each. */
export class Registration {
  isActive = true
  /** Not live while the events of a replay are still being delivered to it. */
  isLive = true
  readonly #held: Handler | WeakRef<Handler>

  constructor(
    handler: Handler,
    readonly channel: Pattern | undefined,
    readonly type: Pattern | undefined,
    readonly decode: Decode | undefined,
    readonly weak: boolean,
    /** Place in the order of subscription; one for all registrations of a subscription. */
    readonly order: number,
  ) {
    this.#held = weak ? new WeakRef(handler) : handler
  }

  /** The handler; `undefined` once a weakly held one is gone. */
  get handler(): Handler | undefined {
    return typeof this.#held === 'function' ? this.#held : this.#held.deref()
  }

  /** 0 everything, 1 a channel, 2 channel and type. */
  get level(): number {
    return this.channel === undefined ? 0 : this.type === undefined ? 1 : 2
  }

  matches(channel: string, type: string): boolean {
    return this.channel?.matches(channel) !== false && this.type?.matches(type) !== false
  }
}

/** A name pair and those who want it, in the order in which they are called. */
export interface Route extends Named {
  readonly pair: NamePair
  readonly shape: Shape
  readonly registrations: readonly Registration[]
}

function inOrder(a: Registration, b: Registration): number {
  return a.level - b.level || Number(b.weak) - Number(a.weak) || a.order - b.order
}

/** The handlers of one worker. */
export class Dispatcher implements ChangingInterests {
  version = 0
  readonly #registrations = new Set<Registration>()
  readonly #routes = new Map<number, Route>()
  /** Hashes of channels that somebody wants as a whole or in part; `undefined` if a pattern wants any. */
  #channels: Set<number> | undefined = new Set()
  #order = 0

  constructor(readonly report: OnError) {}

  add(handler: Handler, { channel, types, decode }: Selector, weak: boolean): readonly Registration[] {
    const order = this.#order++
    const registrations = (types ?? [undefined]).map((type) => {
      return new Registration(handler, channel, type, decode, weak, order)
    })
    for (const registration of registrations) this.#registrations.add(registration)
    this.#changed()
    return registrations
  }

  /** Ends every registration of the handler at exactly the level named; true if there was one. */
  remove(handler: Handler, channel?: string, types: readonly string[] = []): boolean {
    const found = [...this.#registrations].filter((one) => {
      if (one.handler !== handler || one.channel?.text !== channel) return false
      return one.type === undefined ? types.length === 0 : types.includes(one.type.text)
    })
    this.end(found)
    return found.length > 0
  }

  /** Ends registrations: from now on their handlers are not called. */
  end(registrations: readonly Registration[]): void {
    for (const registration of registrations) {
      registration.isActive = false
      this.#registrations.delete(registration)
    }
    this.#changed()
  }

  clear(): void {
    this.end([...this.#registrations])
  }

  #changed(): void {
    this.version++
    this.#routes.clear()
    const wanted = [...this.#registrations].map(({ channel }) => channel)
    const any = wanted.some((channel) => channel?.exact !== true)
    this.#channels = any ? undefined : new Set(wanted.map((channel) => channelHash(channel?.text ?? '')))
  }

  /** The route of a record that somebody here wants. Names nobody wants are not even decoded, and leave no trace. */
  find(record: RecordView): Route | undefined {
    const known = this.#routes.get(record.hash)
    if (known !== undefined && record.isNamed(known.pair)) return known
    if (this.#channels?.has(record.channelHash) === false) return undefined
    return this.#makeRoute(record.channel(), record.type(), undefined)
  }

  /** The route of a pair of names; `undefined` if nobody wants it. */
  routeOf(pair: NamePair): Route | undefined {
    const known = this.#routes.get(pair.hash)
    if (known?.channel === pair.channel && known.type === pair.type) return known
    return this.#makeRoute(pair.channel, pair.type, pair)
  }

  #makeRoute(channel: string, type: string, pair: NamePair | undefined): Route | undefined {
    const matching = [...this.#registrations].filter((one) => one.matches(channel, type)).sort(inOrder)
    // Overlapping types of one subscription call its handler once.
    const registrations = matching.filter((one, index) => matching[index - 1]?.order !== one.order)
    // A torn record may have any bytes for names; it is found out after this, and must not fail here.
    if (registrations.length === 0 || channel === '' || type === '') return undefined
    const named = pair ?? tryEncode(channel, type)
    if (named === undefined) return undefined
    if (this.#routes.size >= ROUTES_KEPT) this.#routes.clear()
    const route = { channel, type, pair: named, shape: new Shape(), registrations }
    this.#routes.set(named.hash, route)
    return route
  }

  /** True if at least one handler of the route would be called now. */
  wants(route: Route): boolean {
    return route.registrations.some((one) => one.isActive && one.isLive && one.handler !== undefined)
  }

  /** Calls the handlers of a route, each guarded from the others. */
  deliver(route: Route, event: WorkerEvent): void {
    for (const registration of route.registrations) {
      if (registration.isActive && registration.isLive) this.deliverTo(registration, event)
    }
  }

  /** Calls one handler. A weak one whose function is gone ends here. */
  deliverTo(registration: Registration, event: WorkerEvent): void {
    const { handler } = registration
    if (handler === undefined) {
      this.end([registration])
      return
    }
    try {
      const { decode } = registration
      const given = decode === undefined ? event : Object.freeze({ ...event, payload: decode(event.payload) })
      // A schema is foreign code, too: it may have ended the subscription.
      if (!registration.isActive) return
      const result = handler(given.payload, given)
      if (isThenable(result)) this.#watch(result, event)
    } catch (error) {
      this.report(error, event)
    }
  }

  #watch(promise: PromiseLike<unknown>, event: WorkerEvent): void {
    promise.then(undefined, (error: unknown) => {
      this.report(error, event)
    })
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function tryEncode(channel: string, type: string): NamePair | undefined {
  try {
    return encodePair(channel, type)
  } catch (error) {
    if (error instanceof WorkerEventsError) return undefined
    throw error
  }
}
