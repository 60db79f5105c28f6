/**
 * Events as an async iterable with a bounded buffer: a loop that is slower than the publishers loses the oldest events
 * and is told so, instead of growing the heap. A loss stands in the buffer where it happened, so that a loop hears of it
 * between the event before and the event after.
 */
import type { Missed, OnMissed, WorkerEvent } from './event.js'

/** Where a stream's events come from, and how it lets go of them. */
export interface StreamSource {
  /** Events that the buffer holds. */
  readonly size: number
  /** Starts the flow, of events and of what the source itself has lost; returns what ends it. */
  start(push: (event: WorkerEvent) => void, miss: OnMissed): () => void
}

type Result = IteratorResult<WorkerEvent, undefined>

export class EventStream implements AsyncIterableIterator<WorkerEvent, undefined> {
  readonly #size: number
  readonly #onMissed: OnMissed
  readonly #stop: () => void
  readonly #signal: AbortSignal | undefined
  #buffer: (WorkerEvent | Missed | undefined)[] = []
  #next = 0
  /** Events in the buffer; the losses between them do not count. */
  #held = 0
  /** Lost between the last event that was handed out and the first in the buffer. */
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
    this.#stop = source.start(
      (event) => this.#push(event),
      (missed) => this.#miss(missed),
    )
    signal?.addEventListener('abort', this.end)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result> {
    while (this.#next < this.#buffer.length && isLoss(this.#buffer[this.#next]!)) this.#lose(this.#shift())
    this.#tellLoss()
    if (this.#next < this.#buffer.length) return Promise.resolve({ value: this.#shift() as WorkerEvent, done: false })
    if (this.isEnded) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<Result> {
    this.#buffer = []
    this.#next = this.#held = 0
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
    if (resolve === undefined) this.#keep(event)
    else resolve({ value: event, done: false })
  }

  #miss(missed: Missed): void {
    // Who waits has taken everything before this loss.
    if (this.#waiting.length > 0) this.#onMissed(missed)
    else this.#keep(missed)
  }

  #keep(item: WorkerEvent | Missed): void {
    const last = this.#buffer.at(-1)
    if (isLoss(item) && last !== undefined && isLoss(last)) this.#buffer[this.#buffer.length - 1] = joined(last, item)
    else this.#buffer.push(item)
    if (!isLoss(item)) this.#held++
    while (this.#held > this.#size) this.#lose(this.#shift())
  }

  #lose(item: WorkerEvent | Missed): void {
    // A local event has no generation, so it does not widen the range that was lost.
    const loss = isLoss(item) ? item : { from: item.generation, to: item.generation, count: 1 }
    this.#lost = this.#lost === undefined ? loss : joined(this.#lost, loss)
  }

  #tellLoss(): void {
    const lost = this.#lost
    if (lost === undefined) return
    this.#lost = undefined
    this.#onMissed(lost)
  }

  #shift(): WorkerEvent | Missed {
    const item = this.#buffer[this.#next] as WorkerEvent | Missed
    this.#buffer[this.#next++] = undefined
    if (!isLoss(item)) this.#held--
    // Amortised: the array is cut when half of it is behind.
    if (this.#next > 64 && this.#next * 2 > this.#buffer.length) {
      this.#buffer = this.#buffer.slice(this.#next)
      this.#next = 0
    }
    return item
  }
}

function isLoss(item: WorkerEvent | Missed): item is Missed {
  return 'count' in item
}

/** One range over two losses, the second of which came later; a side without a generation does not count. */
function joined(first: Missed, second: Missed): Missed {
  const from = first.from === 0 ? second.from : first.from
  const to = Math.max(first.to, second.to)
  return { from, to, count: to - from + 1 }
}
