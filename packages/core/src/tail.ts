/** One pass along the ring for one who only reads, and so cannot decide what is undecided. */
import type { OnMissed, WorkerEvent } from './event.js'
import { eventFrom, payloadOf } from './incoming.js'
import type { Region } from './region/region.js'
import type { Named } from './ring/entry.js'
import { type Interests, Outcome, Reader, type RecordView } from './ring/reader.js'

/** How long to wait at an entry that no worker decides although it could, in milliseconds. */
const PATIENCE = 1000

/** Entries read in one go. */
const BATCH = 1024

/** What a tail wants, and where it goes. */
export interface TailOptions {
  readonly replay: number | 'all' | undefined
  readonly matches: (channel: string, type: string) => boolean
  readonly push: (event: WorkerEvent) => void
  readonly onMissed: OnMissed
}

export class Tail implements Interests {
  #region: Region
  #reader: Reader
  readonly #options: TailOptions
  #waitingAt = -1
  #waitingSince = 0

  constructor(region: Region, options: TailOptions) {
    this.#region = region
    this.#options = options
    this.#reader = new Reader(region.zone, startOf(region, options.replay))
  }

  /** Goes on at the beginning of a new life of the zone. */
  moveTo(region: Region): void {
    this.#region = region
    this.#reader = new Reader(region.zone, startOf(region, 'all'))
  }

  /** Reads what there is, in batches that let others have their turn. */
  read(): void {
    for (let dealt = 0; dealt < BATCH; dealt++) {
      const outcome = this.#reader.next(this)
      if (outcome === Outcome.EVENT) this.#push()
      else if (outcome === Outcome.LAPPED) this.#skip()
      else if (outcome !== Outcome.PASSED && !(outcome === Outcome.UNDECIDED && this.#passes())) return
    }
  }

  find(record: RecordView): Named | undefined {
    const channel = record.channel()
    const type = record.type()
    return this.#options.matches(channel, type) ? { channel, type } : undefined
  }

  #push(): void {
    const { entry } = this.#reader
    const generation = this.#region.zone.publicOf(entry.generation)
    try {
      this.#options.push(eventFrom(entry, this.#region.zone, payloadOf(entry)))
    } catch {
      // Not JSON: another program wrote it. A reader has nobody to report to but those who count losses.
      this.#options.onMissed({ from: generation, to: generation, count: 1 })
    }
  }

  #skip(): void {
    const { zone } = this.#region
    const from = this.#reader.cursor
    const next = Math.max(zone.head() - zone.geometry.capacity, from + 1)
    this.#reader.seek(next)
    this.#options.onMissed({ from: zone.publicOf(from), to: zone.publicOf(next) - 1, count: next - from })
  }

  /** Workers decide such an entry within milliseconds; where none does, its writer is dead or nobody is looking. */
  #passes(): boolean {
    const now = performance.now()
    if (this.#waitingAt !== this.#reader.cursor) {
      this.#waitingAt = this.#reader.cursor
      this.#waitingSince = now
    }
    if (now - this.#waitingSince < PATIENCE) return false
    this.#reader.seek(this.#reader.cursor + 1)
    return true
  }
}

function startOf({ zone }: Region, replay: number | 'all' | undefined): number {
  const head = zone.head()
  if (replay === undefined) return head
  const oldest = Math.max(zone.origin, head - zone.geometry.capacity)
  return replay === 'all' ? oldest : Math.min(zone.origin + replay, head)
}
