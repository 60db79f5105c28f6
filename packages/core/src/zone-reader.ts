/** Looking at a zone without taking part in it: no place, no ticket, no claim; its memory is mapped for reading only. */
import path from 'node:path'
import { WatchWire } from './bell/watch.js'
import { WorkerEventsError } from './errors.js'
import type { OnMissed, WorkerEvent } from './event.js'
import { checkPlace } from './options.js'
import { defaultDirectory } from './region/directory.js'
import { type FileRegion, openForReading } from './region/file.js'
import { type Inspection, type Snapshot, inspect, snapshot } from './snapshot.js'
import { EventStream, type StreamSource } from './stream.js'
import { type EventFilter, type InspectFilter, readFilter, readMatcher, readWatching } from './subscribing.js'
import { Tail } from './tail.js'

/** How often a reader looks, in milliseconds: nobody strikes a bell for one who draws no ticket. */
const LOOK_EVERY = 20

/** Options of {@link ZoneReader.open}. */
export interface ZoneReaderOptions {
  /** Name of a zone that exists. */
  zone: string
  /** Where it lives; as for `WorkerEvents.open`. */
  directory?: string
}

/** Options of {@link ZoneReader.events}. */
export interface WatchOptions extends EventFilter {
  /** Start with the past: a generation to start after, or `'all'` for what the ring retains. */
  replay?: number | 'all'
  /** Ends the loop, without an error, when it aborts. */
  signal?: AbortSignal
  /** Told what was lost. */
  onMissed?: OnMissed
}

/**
 * Reads a zone that exists, without being one of its workers. It sees every event, unique ones too, without competing
 * for them, and follows a zone that was made anew.
 */
export class ZoneReader implements Disposable {
  readonly zone: string
  readonly directory: string
  #region: FileRegion
  #wire: WatchWire
  readonly #timer: NodeJS.Timeout
  readonly #tails = new Set<Tail>()
  readonly #streams = new Set<EventStream>()
  #isClosed = false

  /**
   * @throws {@link WorkerEventsError} `ERR_ZONE_NOT_FOUND`, `ERR_ZONE_CORRUPT`, `ERR_ZONE_FORBIDDEN`,
   * `ERR_INVALID_OPTION`, `ERR_UNSUPPORTED_PLATFORM`
   */
  static open(options: ZoneReaderOptions): ZoneReader {
    checkPlace(options, 'ZoneReader.open')
    return new ZoneReader(options)
  }

  private constructor({ zone, directory = defaultDirectory() }: ZoneReaderOptions) {
    this.zone = zone
    this.directory = path.resolve(directory)
    this.#region = openForReading(zone, this.directory)
    this.#wire = new WatchWire(this.#region.bellPath, this.#look, false)
    this.#timer = setInterval(this.#tick, LOOK_EVERY).unref()
  }

  /** The life of the zone that is being read. */
  get epoch(): string {
    return this.#region.zone.epoch
  }

  /** True once the reader is closed. */
  get closed(): boolean {
    return this.#isClosed
  }

  /** The ring as plain data. @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED` */
  inspect(filter: InspectFilter = {}): Inspection {
    this.#checkOpen()
    this.#follow()
    return inspect(this.#region, -1, readFilter(filter))
  }

  /** The same with payloads as they are stored. @internal */
  snapshot(filter: InspectFilter = {}): Snapshot {
    this.#checkOpen()
    this.#follow()
    return snapshot(this.#region, -1, readFilter(filter))
  }

  /**
   * The events as an async iterable, from now on or from the past; see `WorkerEvents.events`.
   * @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`
   */
  events(options: WatchOptions = {}): AsyncIterableIterator<WorkerEvent> {
    this.#checkOpen()
    const { replay, signal, onMissed = () => undefined } = readWatching(options)
    const matches = readMatcher(options)
    const source: StreamSource = {
      size: this.#region.zone.geometry.capacity,
      start: (push, miss) => {
        const tail = new Tail(this.#region, { replay, matches, push, onMissed: miss })
        this.#tails.add(tail)
        this.#wire.listen()
        setImmediate(this.#look)
        return () => {
          this.#tails.delete(tail)
          this.#streams.delete(stream)
        }
      },
    }
    const stream: EventStream = new EventStream(source, onMissed, signal)
    if (!stream.isEnded) this.#streams.add(stream)
    return stream
  }

  /** Keeps the process running while the reader is open. */
  ref(): this {
    this.#timer.ref()
    return this
  }

  /** Lets the process exit although the reader is open, as it does by default. */
  unref(): this {
    this.#timer.unref()
    return this
  }

  /** Ends every loop and lets go of the zone. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const stream of this.#streams) stream.end()
    this.#wire.close()
    this.#region.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new WorkerEventsError('ERR_CLOSED', 'the reader is closed: open another')
  }

  readonly #tick = (): void => {
    try {
      this.#follow()
    } catch {
      // What took the zone's place cannot be read. Who asks is told; a timer has nobody to tell, and looks again.
    }
    this.#look()
  }

  readonly #look = (): void => {
    if (this.#isClosed) return
    for (const tail of this.#tails) tail.read()
  }

  /** Goes over to a new life of the zone, after the old one was read to its end. */
  #follow(): void {
    if (this.#region.standing() !== 'replaced') return
    this.#look()
    const old = this.#region
    this.#region = openForReading(this.zone, this.directory)
    this.#wire.close()
    this.#wire = new WatchWire(this.#region.bellPath, this.#look, false)
    if (this.#tails.size > 0) this.#wire.listen()
    for (const tail of this.#tails) tail.moveTo(this.#region)
    old.close()
  }
}
