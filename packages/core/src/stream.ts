/**
 * Events as an async iterable with a bounded buffer: a loop that is slower than the publishers loses the oldest events
 * and is told so, before the event that follows the loss, instead of growing the heap.
 */
import type { Missed, OnMissed, WorkerEvent } from './event.js'

/** Where a stream's events come from, and how it lets go of them. */
export interface StreamSource {
  /** Events that the buffer holds. */
  readonly size: number
  /** Starts the flow; returns what ends it. */
  start(push: (event: WorkerEvent) => void): () => void
}

type Result = IteratorResult<WorkerEvent, undefined>

export class EventStream implements AsyncIterableIterator<WorkerEvent, undefined> {
  readonly #size: number
  readonly #onMissed: OnMissed
  readonly #stop: () => void
  readonly #signal: AbortSignal | undefined
  #buffer: (WorkerEvent | undefined)[] = []
  #next = 0
  /** Lost since the last event that was handed out. */
  #lost: Missed | undefined
  #waiting: ((result: Result) => void)[] = []
  isEnded = false

  constructor(source: StreamSource, onMissed: OnMissed, signal: AbortSignal | undefined) {
    this.#size = source.size
    this.#onMissed = onMissed
    this.#signal = signal
    if (signal?.aborted === true) {
      this.isEnded = true
      this.#stop = () => undefined
      return
    }
    this.#stop = source.start((event) => {
      this.#push(event)
    })
    signal?.addEventListener('abort', this.end)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result> {
    this.#tellLoss()
    if (this.#next < this.#buffer.length) return Promise.resolve({ value: this.#shift(), done: false })
    if (this.isEnded) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<Result> {
    this.#buffer = []
    this.#next = 0
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  /** Ends the flow; what is buffered can still be taken. */
  readonly end = (): void => {
    if (this.isEnded) return
    this.isEnded = true
    this.#signal?.removeEventListener('abort', this.end)
    this.#stop()
    for (const resolve of this.#waiting) resolve({ value: undefined, done: true })
    this.#waiting = []
  }

  #push(event: WorkerEvent): void {
    const resolve = this.#waiting.shift()
    if (resolve !== undefined) {
      this.#tellLoss()
      resolve({ value: event, done: false })
      return
    }
    this.#buffer.push(event)
    if (this.#buffer.length - this.#next <= this.#size) return
    this.#lose(this.#shift())
  }

  /** A local event has no generation, so it does not widen the range that was lost. */
  #lose({ generation }: WorkerEvent): void {
    const lost = this.#lost ?? { from: 0, to: 0 }
    const from = lost.from === 0 ? generation : lost.from
    const to = Math.max(lost.to, generation)
    this.#lost = { from, to, count: to - from + 1 }
  }

  #tellLoss(): void {
    const lost = this.#lost
    if (lost === undefined) return
    this.#lost = undefined
    this.#onMissed(lost)
  }

  #shift(): WorkerEvent {
    const event = this.#buffer[this.#next] as WorkerEvent
    this.#buffer[this.#next++] = undefined
    // Amortised: the array is cut when half of it is behind.
    if (this.#next > 64 && this.#next * 2 > this.#buffer.length) {
      this.#buffer = this.#buffer.slice(this.#next)
      this.#next = 0
    }
    return event
  }
}
