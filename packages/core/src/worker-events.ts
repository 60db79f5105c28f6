/** The facade: what users type, its forms and its promises. What it promises is done by the session behind it. */
import { type EventType, checkPayload } from './define-events.js'
import { type DrainedOptions, drained } from './drained.js'
import type { Handler, OnMissed, Subscription, WorkerEvent } from './event.js'
import { forget, hasOpen, remember } from './lifecycle.js'
import type { NamePair } from './names.js'
import { openingOf } from './opening.js'
import { type Changes, type OpenOptions, checkOpenOptions, checkPlace, settingsFrom } from './options.js'
import { logError } from './report.js'
import { Session } from './session.js'
import { type Inspection, inspect } from './snapshot.js'
import * as forms from './subscribing.js'

/** Options of {@link WorkerEvents.publish}. */
export interface PublishOptions {
  /** Of all events published with this key within `uniqueTimeout`, one is executed, by one worker. */
  unique?: string
}

/** Options of {@link WorkerEvents.events}. */
export interface EventsOptions extends forms.EventFilter {
  /** Start with the past: a generation to start after, or `'all'` for what the ring retains. */
  replay?: number | 'all'
  /** Ends the loop, without an error, when it aborts. */
  signal?: AbortSignal
  /** Told what a loop that is too slow has lost; by default as if the worker had lost it. */
  onMissed?: OnMissed
}

/** A payload argument that may be left out where the event has none. */
export type PayloadArguments<In, Rest extends unknown[]> = undefined extends In
  ? [payload?: In, ...rest: Rest]
  : [payload: In, ...rest: Rest]

/** A handle on a zone: one *worker* of it. */
export class WorkerEvents implements Disposable {
  /** The zone's name. */
  readonly zone: string
  /** Directory of a named zone. */
  readonly directory: string | undefined
  /** For the other parts of this package. @internal */
  readonly session: Session
  readonly #signal: AbortSignal | undefined

  /**
   * Opens a zone, and makes it if nobody has yet. Synchronous. The handle counts as one worker until it is closed.
   * Seed: `configure` of lua-resty-worker-events; `worker_events_zone` of the nginx module.
   *
   * @throws WorkerEventsError `ERR_INVALID_OPTION`, `ERR_ZONE_MISMATCH`, `ERR_ZONE_CORRUPT`, `ERR_ZONE_NO_SPACE`,
   * `ERR_ZONE_FORBIDDEN`, `ERR_ZONE_FULL`, `ERR_UNSUPPORTED_PLATFORM`
   */
  static open(options: OpenOptions): WorkerEvents {
    checkOpenOptions(options)
    return new WorkerEvents(options)
  }

  /**
   * True if this thread has an open handle of the zone. Seed: `configured`.
   * @throws WorkerEventsError `ERR_INVALID_OPTION`
   */
  static configured(zone: string, options: { directory?: string } = {}): boolean {
    checkPlace({ zone, ...options }, 'WorkerEvents.configured')
    return hasOpen(zone, options.directory)
  }

  private constructor(options: OpenOptions) {
    const opening = openingOf(options)
    const settings = settingsFrom(options, {
      pollInterval: 100,
      uniqueTimeout: 2000,
      waitMax: 100,
      publishRetries: 999,
      onError: logError,
      onMissed: undefined,
    })
    this.session = new Session({ opening, settings, lifecycle: options.lifecycle ?? true })
    this.zone = this.session.last.zone.name
    this.directory = opening.directory
    this.#signal = options.signal
    remember(this)
    this.#signal?.addEventListener('abort', this.#onAbort)
    if (this.#signal?.aborted === true) this.close()
  }

  /** This life of the zone: another one counts generations anew. */
  get epoch(): string {
    return this.session.last.zone.epoch
  }

  /** Entries of the ring. */
  get capacity(): number {
    return this.session.last.zone.geometry.capacity
  }

  /** Bytes of the largest payload that this zone carries; the bytes of a `unique` key come off it. */
  get maxPayload(): number {
    const { geometry } = this.session.last.zone
    return geometry.spanBytes(geometry.maxSpan)
  }

  /** This handle's worker id. */
  get worker(): number {
    return this.session.last.membership.worker
  }

  /** True once the bus is closed. */
  get closed(): boolean {
    return this.session.isClosed
  }

  /**
   * Publishes an event to every worker of the zone, this one too. Delivery is asynchronous: no handler runs inside.
   * Seed: `post`.
   *
   * @returns the generation; 0 if an unexpired `unique` key made it redundant
   * @throws WorkerEventsError `ERR_INVALID_NAME`, `ERR_INVALID_PAYLOAD`, `ERR_NOT_SERIALIZABLE`,
   * `ERR_PAYLOAD_TOO_LARGE`, `ERR_UNIQUE_FULL`, `ERR_RING_FULL`, `ERR_RING_BUSY`, `ERR_CLOSED`
   */
  publish<In>(event: EventType<unknown, In>, ...rest: PayloadArguments<NoInfer<In>, [options?: PublishOptions]>): number
  publish(channel: string, type: string, payload?: unknown, options?: PublishOptions): number
  publish(target: EventType | string, second?: unknown, third?: unknown, fourth?: unknown): number {
    this.session.checkOpen()
    if (typeof target === 'string') {
      const pair = this.session.pairs.pair(target, second as string)
      return this.session.publish(pair, third, forms.readUnique(fourth))
    }
    return this.session.publish(this.#typedPair(target, second), second, forms.readUnique(third))
  }

  /**
   * Publishes to this worker only, before the broadcast events that wait. The payload is passed by reference; the event
   * has no `pid` and generation 0. Seed: `post_local`.
   * @throws WorkerEventsError `ERR_INVALID_NAME`, `ERR_INVALID_PAYLOAD`, `ERR_CLOSED`
   */
  publishLocal<In>(event: EventType<unknown, In>, ...rest: PayloadArguments<NoInfer<In>, []>): void
  publishLocal(channel: string, type: string, payload?: unknown): void
  publishLocal(target: EventType | string, second?: unknown, third?: unknown): void {
    this.session.checkOpen()
    if (typeof target === 'string') {
      this.session.publishLocal(this.session.pairs.pair(target, second as string), third)
    } else {
      this.session.publishLocal(this.#typedPair(target, second), second)
    }
  }

  #typedPair(target: EventType, payload: unknown): NamePair {
    forms.checkEventType(target)
    const pair = this.session.pairs.pair(target.channel, target.type)
    checkPayload(target, payload)
    return pair
  }

  /**
   * Has `handler(payload, event)` called for every event, for those of a channel, or for those of a channel and types;
   * names may be patterns (`*`, `cache.*`). A handler subscribed twice is called twice. Seed: `register`,
   * `register_weak`.
   * @throws WorkerEventsError `ERR_INVALID_ARGUMENT`, `ERR_INVALID_NAME`, `ERR_CLOSED`
   */
  subscribe(handler: Handler, options?: forms.SubscribeOptions): Subscription
  subscribe<Out>(event: EventType<Out, unknown>, handler: Handler<Out>, options?: forms.SubscribeOptions): Subscription
  subscribe<T = unknown>(channel: string, handler: Handler<T>, options?: forms.SubscribeOptions): Subscription
  subscribe<T = unknown>(
    channel: string,
    types: string | readonly string[],
    handler: Handler<T>,
    options?: forms.SubscribeOptions,
  ): Subscription
  subscribe(...args: unknown[]): Subscription {
    this.session.checkOpen()
    const { handler, selector, options } = forms.readSubscription(args)
    return this.session.subscribe(handler, selector, options)
  }

  /**
   * Removes every copy of a handler at exactly the level named; true if there was one. Seed: `unregister`.
   * @throws WorkerEventsError `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`
   */
  unsubscribe<T>(handler: Handler<T>, channel?: string, ...types: string[]): boolean {
    this.session.checkOpen()
    if (typeof handler !== 'function') throw forms.badArgument('the handler', 'a function', handler)
    return this.session.unsubscribe(handler as Handler, channel, types)
  }

  /**
   * The events as an async iterable. Its buffer holds as many events as the ring: a loop that is slower loses the
   * oldest, which `onMissed` is told. Abort and close end the loop. Counts as a handler, for `unique` too.
   * @throws WorkerEventsError `ERR_INVALID_ARGUMENT`, `ERR_INVALID_NAME`, `ERR_CLOSED`
   */
  events<Out>(event: EventType<Out, unknown>, options?: EventsOptions): AsyncIterableIterator<WorkerEvent<Out>>
  events(options?: EventsOptions): AsyncIterableIterator<WorkerEvent>
  events(...args: unknown[]): AsyncIterableIterator<WorkerEvent> {
    this.session.checkOpen()
    return this.session.stream(forms.readStream(args))
  }

  /**
   * Delivers everything pending now: local events first, then the ring in order; one atomic read if there is nothing.
   * Inside a handler it gives `'recursive'` and delivers nothing. Never blocks. Seed: `poll`.
   * @throws WorkerEventsError `ERR_CLOSED`
   */
  poll(): 'done' | 'recursive' {
    this.session.checkOpen()
    return this.session.poll()
  }

  /**
   * Changes settings of this handle, all or nothing. Seed: `configure` called again.
   * @throws WorkerEventsError `ERR_ZONE_FIXED` for what belongs to the zone, `ERR_INVALID_OPTION`, `ERR_CLOSED`
   */
  configure(changes: Changes): void {
    this.session.checkOpen()
    this.session.configure(changes)
  }

  /**
   * The ring as plain data. Seed: the inspection of `worker_events_api`.
   * @throws WorkerEventsError `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`
   */
  inspect(filter: forms.InspectFilter = {}): Inspection {
    const { region, membership } = this.session.current
    membership.storeCursor(this.session.current.reader.cursor)
    return inspect(region, membership.worker, forms.readFilter(filter))
  }

  /**
   * Resolves when no live worker is behind by more than `below` entries; with 0, when every one has read all that was
   * published before the call. A worker that is dead, or stuck for five seconds, does not count.
   * @throws WorkerEventsError rejects with `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`, or the signal's reason
   */
  async drained(options: DrainedOptions = {}): Promise<void> {
    this.session.checkOpen()
    await drained(this.session, options)
  }

  /** Keeps the process running while the bus is open. @throws {@link WorkerEventsError} `ERR_CLOSED` */
  ref(): this {
    this.session.checkOpen()
    this.session.setRef(true)
    return this
  }

  /** Lets the process exit although the bus is open, as by default. @throws {@link WorkerEventsError} `ERR_CLOSED` */
  unref(): this {
    this.session.checkOpen()
    this.session.setRef(false)
    return this
  }

  /** Publishes `stopping`, gives the worker place back, stops timers and watches. Idempotent. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.session.close()
    forget(this)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  readonly #onAbort = (): void => {
    this.close()
  }
}
