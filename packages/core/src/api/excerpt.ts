/**
 * What a ring retains under one filter, as the text that shows it: one document behind the other, carried on from one
 * request to the next.
 *
 * Whether a generation holds an event, and which, is decided once and for every reader; so each event is written once, and
 * a request costs what was published since the last one. The documents are one string: what is overwritten is cut off in
 * front, what is new is put behind, and `since` and `limit` are cuts of it.
 */
import { Buffer } from 'node:buffer'
import { storedEventDocument } from '../document.js'
import { Phase, lapIn, lapOf, phaseIn } from '../layout.js'
import type { Zone } from '../region/zone.js'
import type { Named } from '../ring/entry.js'
import { type Interests, Outcome, Reader, type RecordView } from '../ring/reader.js'
import { slotOf } from '../ring/slots.js'
import { stored } from '../snapshot.js'
import { type Filter, matcherOf } from './request.js'

/** The text is put together anew when one part in so many is new, or overwritten. */
const SLACK = 8

/** How often one who is lapped goes on nearer to the head, before it gives up for this time. */
const MOST_LAPS = 8

/** Where a document begins, counted from the first that this excerpt ever had. */
interface Mark {
  /** As the public counts. */
  readonly generation: number
  /** In characters. */
  readonly at: number
  readonly atByte: number
}

/** A text, with its length in UTF-8. */
export interface Text {
  readonly text: string
  readonly bytes: number
}

/** What an excerpt is shown as: the frame is what stands before and behind the events. */
export interface Page {
  readonly before: string
  readonly after: string
  /** Only generations greater than this. */
  readonly since: number
  /** At most so many events; 0 is no limit. */
  readonly limit: number
}

const isEqual = (a: Page, b: Page): boolean =>
  a.since === b.since && a.limit === b.limit && a.before === b.before && a.after === b.after

export class Excerpt implements Interests {
  readonly #zone: Zone
  readonly #reader: Reader
  readonly #matches: (channel: string, type: string) => boolean
  /** Of each document, in the order of generations. */
  readonly #marks: Mark[] = []
  /** The documents, with a comma behind each: what was put together, then what came since. */
  #text = ''
  #added = ''
  #end: Mark = { generation: Infinity, at: 0, atByte: 0 }
  /** Where the text begins, as marks count. */
  #start = 0
  #head = -1
  #shown: (Page & Text) | undefined
  /** Nothing before this generation is shown: the oldest event, or where there is none, what will be read next. */
  #floor: number

  constructor(zone: Zone, filter: Filter) {
    this.#zone = zone
    this.#matches = matcherOf(filter)
    this.#floor = zone.origin
    this.#reader = new Reader(zone, zone.origin)
  }

  /** Generation of the oldest event in the ring, whatever the filter; 0 if there is none. */
  get oldestGeneration(): number {
    return this.#floor < this.#reader.cursor ? this.#zone.publicOf(this.#floor) : 0
  }

  /** Last generation up to which everything is decided; 0 if nothing was published. */
  get newestGeneration(): number {
    return this.#zone.publicOf(this.#reader.cursor) - 1
  }

  /** Reads on to the head, or to the first generation that is not decided. */
  update(): void {
    const head = this.#zone.head()
    // All is decided, and what would overwrite any of it is not even drawn.
    if (head === this.#head && this.#reader.cursor >= head) return
    this.#head = head
    this.#raise(head - this.#zone.geometry.capacity)
    this.#readTo(head)
    while (this.#floor < this.#reader.cursor && !this.#isRetained(this.#floor)) this.#floor++
    this.#cut(this.#zone.publicOf(this.#floor))
  }

  /**
   * The events in their frame, which must name the oldest and the newest generation: what lies between them never changes.
   * So an equal page is the very same string as last time, which V8 has put together by then and which lies in the caches.
   */
  show(page: Page): Text {
    if (this.#shown === undefined || !isEqual(this.#shown, page)) this.#shown = { ...page, ...this.#compose(page) }
    return this.#shown
  }

  #compose({ before, after, since, limit }: Page): Text {
    const marks = this.#marks
    let first = 0
    if (since > 0) while (first < marks.length && marks[first].generation <= since) first++
    const count = limit === 0 ? marks.length - first : Math.min(limit, marks.length - first)
    const frame = Buffer.byteLength(before) + Buffer.byteLength(after)
    if (count === 0) return { text: before + after, bytes: frame }
    const from = marks[first]
    const to = marks.at(first + count) ?? this.#end
    const events = this.#slice(from.at, to.at - 1)
    return { text: before + events + after, bytes: frame + to.atByte - from.atByte - 1 }
  }

  find(record: RecordView): Named | undefined {
    const channel = record.channel()
    const type = record.type()
    return this.#matches(channel, type) ? { channel, type } : undefined
  }

  #readTo(head: number): void {
    const reader = this.#reader
    let end = head
    for (let laps = 0; reader.cursor < end;) {
      const outcome = reader.next(this)
      if (outcome === Outcome.EVENT) this.#append()
      else if (outcome === Outcome.LAPPED) {
        end = this.#zone.head()
        this.#raise(end - this.#distance(laps++))
      } else if (outcome !== Outcome.PASSED) return
    }
  }

  /**
   * How far behind the head to go on after a lap. What came before it was overwritten too, or is about to be; and where
   * publishers are faster than this reader, one who starts at the oldest entry would be lapped again and again.
   */
  #distance(laps: number): number {
    return laps > MOST_LAPS ? 0 : Math.ceil(this.#zone.geometry.capacity / 2 ** laps)
  }

  #raise(floor: number): void {
    this.#floor = Math.max(this.#floor, floor)
    if (this.#reader.cursor < this.#floor) this.#reader.seek(this.#floor)
  }

  #append(): void {
    const generation = this.#zone.publicOf(this.#reader.entry.generation)
    const text = storedEventDocument(stored(this.#reader.entry, generation))
    const { at, atByte } = this.#end
    this.#marks.push({ generation, at, atByte })
    this.#added += `${text},`
    this.#end = { generation: Infinity, at: at + text.length + 1, atByte: atByte + Buffer.byteLength(text) + 1 }
  }

  #cut(oldest: number): void {
    const marks = this.#marks
    let count = 0
    while (count < marks.length && marks[count].generation < oldest) count++
    if (count > 0) marks.splice(0, count)
    const { at } = marks.at(0) ?? this.#end
    // Not every time: copying all of it costs more than reading what is new.
    if (SLACK * (at - this.#start + this.#added.length) < this.#text.length) return
    this.#text = this.#slice(at, this.#end.at)
    this.#added = ''
    this.#start = at
  }

  #slice(from: number, to: number): string {
    const text = this.#text.slice(from - this.#start, to - this.#start)
    const middle = this.#start + this.#text.length
    return to > middle ? text + this.#added.slice(Math.max(0, from - middle), to - middle) : text
  }

  #isRetained(generation: number): boolean {
    const { states, geometry } = this.#zone
    const word = Atomics.load(states, slotOf(generation, geometry.capacity))
    return phaseIn(word) === Phase.COMMITTED && lapIn(word) === lapOf(generation, geometry.capacity)
  }
}
