/**
 * The past for one subscription: what the ring still retains, up to where the worker's own reader stands.
 *
 * The subscription is not live until the replay has caught up, and both run on one thread: what is behind the worker's
 * cursor comes by the replay and what is before it by delivery, so the seam has neither gap nor duplicate.
 */
import type { Attachment } from './attachment.js'
import type { Registration } from './dispatcher.js'
import type { Missed } from './event.js'
import type { Entry, Named } from './ring/entry.js'
import { type Interests, Outcome, Reader, type RecordView } from './ring/reader.js'

interface NamedFor extends Named {
  readonly registration: Registration
}

export class Replay implements Interests {
  readonly #reader: Reader

  /** @param after generation to start after, as the public counts; absent for all that is retained */
  constructor(
    readonly source: Attachment,
    readonly registrations: readonly Registration[],
    after: number | undefined,
    private readonly onMissed: (missed: Missed) => void,
  ) {
    const { zone, reader } = source
    const oldest = Math.max(zone.origin, zone.head() - zone.geometry.capacity)
    // Nobody misses what `all` never promised, nor what is still to come.
    const start = after === undefined ? oldest : Math.min(zone.origin + after, reader.cursor)
    this.#reader = new Reader(zone, start)
    for (const registration of registrations) registration.isLive = false
  }

  /** What was read by the last step. */
  get entry(): Entry {
    return this.#reader.entry
  }

  /** Steps until it has caught up, at most. */
  get pending(): number {
    return Math.max(0, this.source.reader.cursor - this.#reader.cursor) + 1
  }

  /** Reads on; true if there is an entry to deliver, undefined if there was none here, false when it has caught up. */
  step(): boolean | undefined {
    const reader = this.#reader
    const isOver = reader.cursor >= this.source.reader.cursor || !this.registrations.some((one) => one.isActive)
    if (isOver) {
      for (const registration of this.registrations) registration.isLive = true
      return false
    }
    const outcome = reader.next(this)
    if (outcome === Outcome.LAPPED) this.#skip()
    return outcome === Outcome.EVENT ? true : undefined
  }

  /** Whom the entry is for. */
  get registration(): Registration {
    return (this.entry.named as NamedFor).registration
  }

  find(record: RecordView): NamedFor | undefined {
    const channel = record.channel()
    const type = record.type()
    const registration = this.registrations.find((one) => one.isActive && one.matches(channel, type))
    return registration === undefined ? undefined : { channel, type, registration }
  }

  #skip(): void {
    const { zone } = this.source
    const from = this.#reader.cursor
    const next = Math.min(Math.max(zone.head() - zone.geometry.capacity, from + 1), this.source.reader.cursor)
    this.#reader.seek(next)
    this.onMissed({ from: zone.publicOf(from), to: zone.publicOf(next) - 1, count: next - from })
  }
}
