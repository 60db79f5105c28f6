/** One open handle from the inside: the parts that make up a worker, wired together. */
import { type Attachment, attach } from './attachment.js'
import { Delivery } from './delivery.js'
import { type Selector, Dispatcher } from './dispatcher.js'
import type { EventType } from './define-events.js'
import { WorkerEventsError } from './errors.js'
import type { Handler, Missed, OnMissed, Subscription } from './event.js'
import { lifecycle } from './lifecycle.js'
import { type NamePair, NamePairs, keyBytes } from './names.js'
import type { Opening } from './opening.js'
import { type Changes, type Settings, checkChanges, settingsFrom } from './options.js'
import { Pace } from './pace.js'
import { type Body, Serializer } from './payload.js'
import { Replay } from './replay.js'
import { guarded, missedError } from './report.js'
import { EventStream, type StreamSource } from './stream.js'
import type { SubscribeOptions } from './subscribing.js'
import { Succession } from './succession.js'

/** What a handle is opened with. */
export interface SessionOptions {
  readonly opening: Opening
  readonly settings: Settings
  /** Publish `started` and `stopping`. */
  readonly lifecycle: boolean
}

/** What a stream of events is opened with. */
export interface StreamOptions {
  readonly selector: Selector
  readonly replay: number | 'all' | undefined
  readonly signal: AbortSignal | undefined
  readonly onMissed: OnMissed | undefined
}

/** One who follows what this worker reads without being one of its handlers: it claims nothing, and costs nobody time. */
export interface Observer {
  /** The worker has read on; called outside of delivery. */
  advanced(): void
  /** The bus is closed. */
  closed(): void
}

export class Session {
  isClosed = false
  readonly pairs = new NamePairs()
  readonly #serializer = new Serializer()
  #settings: Settings
  readonly #hasLifecycle: boolean
  readonly #attachments: Attachment[] = []
  readonly #dispatcher: Dispatcher
  readonly #delivery: Delivery
  readonly #pace: Pace
  readonly #succession: Succession
  readonly #streams = new Set<EventStream>()
  /** Streams that want to hear of this worker's own losses too. */
  readonly #listeners = new Set<OnMissed>()
  /** Ends of subscriptions that listen to a signal, which may live longer than this bus. */
  readonly #signalled = new Set<() => void>()
  readonly #observers = new Set<Observer>()
  #current: Attachment

  constructor({ opening, settings, lifecycle: hasLifecycle }: SessionOptions) {
    this.#settings = settings
    this.#hasLifecycle = hasLifecycle
    const report = guarded(() => this.#settings.onError)
    this.#dispatcher = new Dispatcher(report)
    this.#delivery = new Delivery(this.#attachments, this.#dispatcher, () => this.#settings.waitMax, this.#missed)
    this.#pace = new Pace(this.#delivery, this.#tick, this.#advanced)
    this.#current = attach(() => opening.open(), this.#pace.strike)
    this.#attachments.push(this.#current)
    this.#succession = new Succession(this.#attachments, () => opening.reopen(), this.#pace.strike, report)
    this.#pace.setInterval(settings.pollInterval)
    this.#announce(lifecycle.started)
  }

  /** The ties to the zone's present life. @throws {@link WorkerEventsError} `ERR_CLOSED` */
  get current(): Attachment {
    this.checkOpen()
    return this.#current
  }

  /** The same, also after closing. */
  get last(): Attachment {
    return this.#current
  }

  /** The ties to all lives of the zone that are still read, oldest first. */
  get attachments(): readonly Attachment[] {
    return this.#attachments
  }

  checkOpen(): void {
    if (this.isClosed) throw new WorkerEventsError('ERR_CLOSED', 'the bus is closed: open another handle')
  }

  /** Serialises and publishes; 0 if an unexpired key made it redundant. */
  publish(pair: NamePair, payload: unknown, unique: unknown): number {
    return this.publishBody(pair, this.#serializer.serialize(payload, pair.trial), unique)
  }

  /** Publishes what is serialised already. */
  publishBody(pair: NamePair, body: Body, unique: unknown): number {
    // A `toJSON` of the payload may have closed the bus.
    this.checkOpen()
    return unique === undefined ? this.#write(pair, body, undefined) : this.#writeUnique(pair, body, keyBytes(unique))
  }

  #writeUnique(pair: NamePair, body: Body, key: Uint8Array): number {
    const { keys, writer } = this.#current
    writer.spanOf(body, key.length)
    const held = keys.take(key, this.#settings.uniqueTimeout)
    if (held === undefined) return 0
    try {
      return this.#write(pair, body, key)
    } catch (error) {
      keys.release(held)
      throw error
    }
  }

  #write(pair: NamePair, body: Body, key: Uint8Array | undefined): number {
    const { writer, bell, zone } = this.#current
    const generation = writer.write(pair, body, key, this.#settings.publishRetries)
    bell.ring()
    this.#pace.schedule()
    return zone.publicOf(generation)
  }

  publishLocal(pair: NamePair, payload: unknown): void {
    this.#delivery.post(pair, payload)
    this.#pace.schedule()
  }

  subscribe(
    handler: Handler,
    selector: Selector,
    options: SubscribeOptions,
    onMissed = this.#tellMissed,
  ): Subscription {
    const registrations = this.#dispatcher.add(handler, selector, options.weak === true)
    const { signal, replay } = options
    const unsubscribe = (): void => {
      signal?.removeEventListener('abort', unsubscribe)
      this.#signalled.delete(unsubscribe)
      this.#dispatcher.end(registrations)
    }
    if (signal?.aborted === true) unsubscribe()
    else if (signal !== undefined) {
      signal.addEventListener('abort', unsubscribe)
      this.#signalled.add(unsubscribe)
    }
    if (replay !== undefined) {
      const after = replay === 'all' ? undefined : replay
      this.#delivery.replay(new Replay(this.#current, registrations, after, onMissed))
      this.#pace.schedule()
    }
    return { unsubscribe, [Symbol.dispose]: unsubscribe }
  }

  unsubscribe(handler: Handler, channel: string | undefined, types: readonly string[]): boolean {
    return this.#dispatcher.remove(handler, channel, types)
  }

  stream({ selector, replay, signal, onMissed = this.#tellMissed }: StreamOptions): EventStream {
    const hears = onMissed !== this.#tellMissed
    const guardedMissed: OnMissed = (missed) => {
      this.#guard(() => onMissed(missed))
    }
    const source: StreamSource = {
      size: this.#current.zone.geometry.capacity,
      start: (push, miss) => {
        if (hears) this.#listeners.add(miss)
        const options = replay === undefined ? {} : { replay }
        const subscription = this.subscribe((_, event) => push(event), selector, options, miss)
        return () => {
          subscription.unsubscribe()
          this.#listeners.delete(miss)
          this.#streams.delete(stream)
        }
      },
    }
    const stream: EventStream = new EventStream(source, guardedMissed, signal)
    if (!stream.isEnded) this.#streams.add(stream)
    return stream
  }

  /** Has an observer called until the function that is returned is called, or the bus closes. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  /** Tells `onError` of a failure that nobody can catch. */
  report(error: unknown): void {
    this.#dispatcher.report(error)
  }

  poll(): 'done' | 'recursive' {
    if (this.#delivery.isDelivering) return 'recursive'
    if (this.#pace.takeReminder() || this.#succession.isDue) this.#follow()
    this.#retryClaims()
    const { capacity } = this.#current.zone.geometry
    if (this.#delivery.hasWork) {
      this.#delivery.drain(this.#delivery.pending + 2 * capacity, Infinity)
      this.#advanced()
    }
    return 'done'
  }

  configure(changes: Changes): void {
    checkChanges(changes)
    const before = this.#settings
    this.#settings = settingsFrom(changes, before)
    if (this.#settings.pollInterval !== before.pollInterval) this.#pace.setInterval(this.#settings.pollInterval)
  }

  setRef(isRef: boolean): void {
    this.#pace.setRef(isRef)
  }

  close(): void {
    if (this.isClosed) return
    this.#announce(lifecycle.stopping)
    this.isClosed = true
    this.#delivery.close()
    this.#pace.stop()
    for (const stream of this.#streams) stream.end()
    for (const unsubscribe of this.#signalled) unsubscribe()
    for (const observer of this.#observers) this.#guard(() => observer.closed())
    this.#observers.clear()
    this.#dispatcher.clear()
    for (const attachment of this.#attachments) attachment.leave()
  }

  /** A lifecycle event gives way to everything else: without room for it, it is left out. */
  #announce({ channel, type }: EventType): void {
    if (!this.#hasLifecycle) return
    try {
      this.publish(this.pairs.pair(channel, type), undefined, undefined)
    } catch (error) {
      if (!(error instanceof WorkerEventsError)) throw error
    }
  }

  readonly #tick = (): void => {
    const lives = this.#attachments.length
    this.#follow()
    this.#retryClaims()
    if (this.#attachments.length !== lives) this.#advanced()
  }

  readonly #advanced = (): void => {
    for (const observer of this.#observers) this.#guard(() => observer.advanced())
  }

  #follow(): void {
    if (!this.#succession.follow()) return
    this.#current = this.#attachments.at(-1) ?? this.#current
    if (this.#settings.pollInterval > 0) this.#current.bell.listen()
  }

  #retryClaims(): void {
    for (const attachment of this.#attachments) this.#delivery.retryClaims(attachment)
  }

  /** What the worker lost, its streams lost too. */
  readonly #missed = (missed: Missed): void => {
    this.#tellMissed(missed)
    for (const listener of this.#listeners) listener(missed)
  }

  readonly #tellMissed = (missed: Missed): void => {
    const { onMissed } = this.#settings
    if (onMissed === undefined) this.#dispatcher.report(missedError(missed))
    else this.#guard(() => onMissed(missed))
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#dispatcher.report(error)
    }
  }
}
