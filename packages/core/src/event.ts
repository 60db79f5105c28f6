/** An event as handlers see it, and the shapes of what handles events and losses. */

/** One event, frozen (the payload is not); every handler of a worker gets the same object. */
export interface WorkerEvent<T = unknown> {
  /** What the event is about: the seed's *source*, the nginx module's *channel*. */
  readonly channel: string
  /** What happened: the seed's *event*. */
  readonly type: string
  /** The JSON value that was published, a `Uint8Array`, or `undefined` for an event without a payload. */
  readonly payload: T
  /** Place in the one order that all workers see, from 1 on; 0 for a local event. */
  readonly generation: number
  /** When it was published, in epoch milliseconds. */
  readonly timestamp: number
  /** Process that published it; `undefined` for a local event (as in lua-resty-worker-events). */
  readonly pid: number | undefined
  /** Worker of the zone that published it. */
  readonly worker: number
  /** The key of a unique event. */
  readonly unique?: string
  /** True if it came by `publishLocal` and only this worker has it. */
  readonly local: boolean
}

/** Called for each event of a subscription. What it returns is discarded, but a rejected promise is reported. */
export type Handler<T = unknown> = (payload: T, event: WorkerEvent<T>) => unknown

/** Generations that a worker lost because they were overwritten before it read them. */
export interface Missed {
  /** First lost generation. */
  readonly from: number
  /** Last lost generation. */
  readonly to: number
  /** `to` − `from` + 1: an upper bound on events where large ones lie in the gap. */
  readonly count: number
}

/** Told of a handler that failed, of events that could not be decoded and, unless `onMissed` is given, of losses. */
export type OnError = (error: unknown, event?: WorkerEvent) => void

/** Told which generations were lost, so that the worker can reload the state that the events were about. */
export type OnMissed = (missed: Missed) => void

/** What `subscribe` returns. */
export interface Subscription extends Disposable {
  /** Ends the subscription: from this moment on its handler is not called any more. Idempotent. */
  unsubscribe(): void
}
