/**
 * Reads the ring behind its worker, at its own pace. The ring is its only buffer: a follower that is slow is lapped and
 * told what it missed, and holds no memory meanwhile.
 *
 * It stays behind its worker's reader, so whatever it meets is decided: it never waits, judges or claims.
 */
import type { Attachment } from '../attachment.js'
import type { Missed } from '../event.js'
import type { Named } from '../ring/entry.js'
import { type Interests, Outcome, Reader, type RecordView } from '../ring/reader.js'
import type { Session } from '../session.js'
import { type StoredEvent, stored } from '../snapshot.js'

/** What a step along the ring came upon; `none` if there is nothing to step over, `passed` if it was for others. */
export type Step = 'none' | 'passed' | { readonly event: StoredEvent } | { readonly missed: Missed }

export class Follower implements Interests {
  readonly #session: Session
  readonly #matches: (channel: string, type: string) => boolean
  #life: Attachment
  #reader: Reader
  #wasLapped = false

  /** @param since generation to start after; absent: start at now */
  constructor(session: Session, matches: (channel: string, type: string) => boolean, since: number | undefined) {
    this.#session = session
    this.#matches = matches
    this.#life = session.current
    const { zone } = this.#life
    const head = zone.head()
    this.#reader = new Reader(zone, since === undefined ? head : Math.min(zone.origin + since, head))
  }

  /** Makes one step. */
  step(): Step {
    if (this.#reader.cursor >= this.#life.reader.cursor) return this.#goOver() ? 'passed' : 'none'
    const outcome = this.#reader.next(this)
    if (outcome === Outcome.LAPPED) return { missed: this.#skip() }
    this.#wasLapped = false
    switch (outcome) {
      case Outcome.EVENT:
        return { event: stored(this.#reader.entry, this.#life.zone.publicOf(this.#reader.entry.generation)) }
      case Outcome.PASSED:
        return 'passed'
      default:
        // The worker itself has left this entry behind in a gap of its own.
        this.#reader.seek(this.#reader.cursor + 1)
        return 'passed'
    }
  }

  find(record: RecordView): Named | undefined {
    const channel = record.channel()
    const type = record.type()
    return this.#matches(channel, type) ? { channel, type } : undefined
  }

  /** Goes on with the oldest retained entry; further on if that was overwritten too before it could be read. */
  #skip(): Missed {
    const { zone } = this.#life
    const { capacity } = zone.geometry
    const margin = this.#wasLapped ? Math.floor(capacity / 4) : 0
    this.#wasLapped = true
    const from = this.#reader.cursor
    const next = Math.max(zone.head() - capacity + margin, from + 1)
    this.#reader.seek(next)
    return { from: zone.publicOf(from), to: zone.publicOf(next) - 1, count: next - from }
  }

  /** Begins with the zone's next life once the worker has read the old one to its end. */
  #goOver(): boolean {
    const [oldest] = this.#session.attachments
    if (this.#session.attachments.includes(this.#life)) return false
    this.#life = oldest
    this.#reader = new Reader(oldest.zone, oldest.zone.origin)
    return true
  }
}
