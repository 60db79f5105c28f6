/** The ring as plain data: what is retained, how far everybody is, what was lost. Nothing is held while it is taken. */
import type { WorkerEvent } from './event.js'
import { Encoding, parse } from './payload.js'
import { type WorkerStatus, totals, workersOf } from './registry.js'
import type { Region } from './region/region.js'
import type { Entry, Named } from './ring/entry.js'
import { type Interests, Outcome, Reader, type RecordView } from './ring/reader.js'

/** Which events a snapshot shows. Counters always speak of the whole zone. */
export interface SnapshotFilter {
  readonly matches: (channel: string, type: string) => boolean
  /** Only generations greater than this. */
  readonly since: number
  /** At most this many, counted from the oldest that matches; 0 is no limit. */
  readonly limit: number
}

/** An event as it lies in the ring, its payload not yet parsed. */
export interface StoredEvent {
  readonly channel: string
  readonly type: string
  readonly generation: number
  readonly timestamp: number
  readonly pid: number
  readonly worker: number
  readonly unique: string | undefined
  /** JSON text, bytes, or no payload. */
  readonly body: string | Uint8Array | undefined
}

/** What `inspect()` gives. */
export interface Inspection {
  readonly zone: string
  /** This life of the zone: another one counts generations anew. */
  readonly epoch: string
  /** Entries of the ring. */
  readonly capacity: number
  /** Generation of the oldest retained event; 0 if there is none. */
  readonly oldestGeneration: number
  /** Last generation up to which everything is settled; 0 if nothing was published. */
  readonly newestGeneration: number
  /** Retained events that were overwritten, read or not. */
  readonly droppedEvents: number
  /** When the last event was published, in epoch milliseconds; 0 if never. */
  readonly lastPublish: number
  readonly events: readonly WorkerEvent[]
  readonly workers: readonly WorkerStatus[]
}

/** {@link Inspection} without the events: what speaks of the whole zone. */
export type ZoneStatus = Omit<Inspection, 'events'>

/** {@link Inspection}, with events as they are stored. */
export type Snapshot = ZoneStatus & { readonly events: readonly StoredEvent[] }

/** Generations between which a ring retains events. */
type Retained = Pick<ZoneStatus, 'oldestGeneration' | 'newestGeneration'>

class Collector implements Interests {
  oldest = 0
  readonly events: StoredEvent[] = []
  readonly #filter: SnapshotFilter
  readonly #reader: Reader
  readonly #region: Region

  constructor(region: Region, filter: SnapshotFilter) {
    const { zone } = region
    this.#filter = filter
    this.#region = region
    this.#reader = new Reader(zone, Math.max(zone.origin, zone.head() - zone.geometry.capacity))
  }

  /** Walks to where the head was at the start, or to the first entry that is not settled; returns the newest generation. */
  walk(): number {
    const { zone } = this.#region
    const end = zone.head()
    while (this.#reader.cursor < end) {
      const outcome = this.#reader.next(this)
      if (outcome === Outcome.UNDECIDED || outcome === Outcome.EMPTY) break
      if (outcome === Outcome.EVENT) this.events.push(stored(this.#reader.entry, this.generation))
      if (outcome !== Outcome.LAPPED) continue
      this.#reader.seek(Math.max(zone.head() - zone.geometry.capacity, this.#reader.cursor + 1))
      this.oldest = this.events[0]?.generation ?? 0
    }
    return zone.publicOf(Math.min(this.#reader.cursor, zone.head())) - 1
  }

  get generation(): number {
    return this.#region.zone.publicOf(this.#reader.entry.generation)
  }

  find(record: RecordView): Named | undefined {
    const { since, limit, matches } = this.#filter
    const generation = this.#region.zone.publicOf(this.#reader.cursor)
    if (this.oldest === 0) this.oldest = generation
    if (generation <= since || (limit > 0 && this.events.length >= limit)) return undefined
    const channel = record.channel()
    const type = record.type()
    return matches(channel, type) ? { channel, type } : undefined
  }
}

/** An entry as it was just read, apart from its reader, which fills it anew. */
export function stored(entry: Entry, generation: number): StoredEvent {
  const { channel, type, timestamp, pid, worker, encoding, text, bytes, key } = entry
  const body = encoding === Encoding.NONE ? undefined : encoding === Encoding.BYTES ? bytes : text
  return { channel, type, generation, timestamp, pid, worker, unique: key, body }
}

/** What can be said of a zone beside its events. @param self the caller's own worker, -1 for one who only reads */
export function statusOf(region: Region, self: number, { oldestGeneration, newestGeneration }: Retained): ZoneStatus {
  const { zone } = region
  return {
    zone: zone.name,
    epoch: zone.epoch,
    capacity: zone.geometry.capacity,
    oldestGeneration,
    newestGeneration,
    ...totals(zone),
    workers: workersOf(region, self, newestGeneration),
  }
}

/** Takes a snapshot. @param self the caller's own worker, -1 for one who only reads */
export function snapshot(region: Region, self: number, filter: SnapshotFilter): Snapshot {
  const collector = new Collector(region, filter)
  const newestGeneration = collector.walk()
  const retained = { oldestGeneration: collector.oldest, newestGeneration }
  return { ...statusOf(region, self, retained), events: collector.events }
}

/** A snapshot with its payloads parsed. */
export function inspect(region: Region, self: number, filter: SnapshotFilter): Inspection {
  const taken = snapshot(region, self, filter)
  return { ...taken, events: taken.events.map(parsed) }
}

function parsed({ body, unique, ...rest }: StoredEvent): WorkerEvent {
  const payload = typeof body === 'string' ? parseOrNothing(body) : body
  return Object.freeze({ ...rest, payload, ...(unique === undefined ? {} : { unique }), local: false })
}

/** What is not JSON was written by another program; it must not hide the rest of the ring. */
function parseOrNothing(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
