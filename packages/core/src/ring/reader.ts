/**
 * The reading side of the ring.
 *
 *     1 load the state of the cursor's slot: not COMMITTED at this lap means nothing to take here (`#other`)
 *     2 copy header, names and payload, raw: they may be changing under the copy
 *     3 fence, then load the state of every slot of the span again, and the generation in the record: if all are as they
 *       were, nothing changed in between and the copy is the event; else this reader was lapped
 *     4 decode, from the private copy only
 *
 * A reader keeps all its state to itself. That it dies or stops is nobody's concern.
 */
import { Buffer } from 'node:buffer'
import { Field, Phase, lapIn, lapOf, lapsAhead, phaseIn } from '../layout.js'
import { LONGEST as LONGEST_PLAIN } from '../json/plain.js'
import { KEY_BYTES, NAME_BYTES, type NamePair } from '../names.js'
import { Encoding } from '../payload.js'
import type { RawBuffer, Zone } from '../region/zone.js'
import { Entry, type Named } from './entry.js'
import { slotOf } from './slots.js'

/**
 * True unless the processor itself keeps loads in order, as x64 does. Elsewhere a store to a private word keeps the loads of
 * a copy before those of the re-check.
 */
const NEEDS_FENCE = process.arch !== 'x64'

/** What a reader found at its cursor. */
export const Outcome = {
  /** Nothing: everything published has been read. */
  EMPTY: 0,
  /** A generation that is drawn and not decided. */
  UNDECIDED: 1,
  /** The cursor's generation was overwritten. */
  LAPPED: 2,
  /** No event, or one that nobody asked for: the cursor moved on. */
  PASSED: 3,
  /** An event: it is in `entry`, and the cursor behind it. */
  EVENT: 4,
} as const
export type Outcome = (typeof Outcome)[keyof typeof Outcome]

/** Says whether a record is wanted, by its hashes and, where they are not enough, its names. */
export interface Interests {
  find(record: RecordView): Named | undefined
}

/** A record before it is taken: what it says may still turn out to be torn. */
export interface RecordView {
  readonly hash: number
  readonly channelHash: number
  isNamed(pair: NamePair): boolean
  channel(): string
  type(): string
}

/** Reads the ring in generation order from wherever it is put. */
export class Reader implements RecordView {
  /** Where an entry is put when it is taken. */
  entry = new Entry()
  hash = 0
  channelHash = 0
  readonly #zone: Zone
  readonly #states: Int32Array
  readonly #capacity: number
  readonly #slotBytes: number
  readonly #scratch = new Int32Array(1)
  #names = Buffer.alloc(2 * NAME_BYTES) as Buffer as RawBuffer
  #raw = Buffer.alloc(KEY_BYTES) as Buffer as RawBuffer
  #cursor = 0
  #slot = 0
  #lap = 0
  #at = 0

  constructor(zone: Zone, cursor: number) {
    this.#zone = zone
    this.#states = zone.states
    this.#capacity = zone.geometry.capacity
    this.#slotBytes = zone.geometry.slotBytes
    this.seek(cursor)
  }

  /** The generation that is read next. */
  get cursor(): number {
    return this.#cursor
  }

  seek(generation: number): void {
    this.#cursor = generation
    this.#slot = slotOf(generation, this.#capacity)
    this.#lap = lapOf(generation, this.#capacity)
    this.#at = this.#zone.recordAt(this.#slot)
  }

  /** Goes on behind an entry; within a lap, without a division. */
  #advance(span: number): void {
    const slot = this.#slot + span
    if (slot >= this.#capacity) {
      this.seek(this.#cursor + span)
      return
    }
    this.#cursor += span
    this.#slot = slot
    this.#at += span * this.#slotBytes
  }

  /** Takes what is at the cursor. */
  next(interests: Interests): Outcome {
    const word = Atomics.load(this.#states, this.#slot)
    const committed = phaseIn(word) === Phase.COMMITTED && lapIn(word) === this.#lap
    return committed ? this.#take(word, interests) : this.#other(word)
  }

  /** True if the entry at the cursor is drawn but not yet labelled: nobody knows by whom. */
  get isUnlabelled(): boolean {
    return lapsAhead(Atomics.load(this.#states, this.#slot), this.#lap) < 0
  }

  /** True if the generation at the cursor is settled: an event, none, or overwritten. */
  get isDecided(): boolean {
    const word = Atomics.load(this.#states, this.#slot)
    const ahead = lapsAhead(word, this.#lap)
    return ahead > 0 || (ahead === 0 && phaseIn(word) !== Phase.BUSY)
  }

  #other(word: number): Outcome {
    // fault: read.other
    // The full count first: a lap modulo 2²⁰ is believed only within a lap of it.
    const head = this.#zone.head()
    if (head - this.#cursor > this.#capacity) return Outcome.LAPPED
    if (lapIn(word) === this.#lap && phaseIn(word) !== Phase.BUSY) {
      this.#advance(1)
      return Outcome.PASSED
    }
    return head > this.#cursor ? Outcome.UNDECIDED : Outcome.EMPTY
  }

  #take(word: number, interests: Interests): Outcome {
    const { i32, geometry } = this.#zone
    const at = this.#at
    // fault: read.loaded
    this.hash = i32[(at + Field.hash) >>> 2]
    this.channelHash = i32[(at + Field.channelHash) >>> 2]
    // What was read so far may be torn: every length is clamped before it is used.
    const span = Math.min(Math.max(i32[(at + Field.span) >>> 2], 1), geometry.maxSpan)
    const named = interests.find(this)
    // fault: read.found
    if (named !== undefined) this.#copyOut(span, named)
    // fault: read.copied
    if (!this.#isUnchanged(word, span)) return this.#torn()
    // fault: read.whole
    if (named !== undefined) this.#decode()
    this.#advance(span)
    return named === undefined ? Outcome.PASSED : Outcome.EVENT
  }

  /** Pairs with the writer's label. */
  #isUnchanged(word: number, span: number): boolean {
    if (NEEDS_FENCE) Atomics.store(this.#scratch, 0, 0)
    if (Atomics.load(this.#states, this.#slot) !== word) return false
    // A word that repeats after 2²⁰ laps stands on a record that names another generation.
    if (this.#zone.f64[this.#at >>> 3] !== this.#cursor) return false
    // fault: read.checked
    for (let index = 1; index < span; index++) {
      const generation = this.#cursor + index
      const state = Atomics.load(this.#states, slotOf(generation, this.#capacity))
      if (lapIn(state) !== lapOf(generation, this.#capacity)) return false
    }
    return true
  }

  #torn(): Outcome {
    return this.#zone.head() - this.#cursor > this.#capacity ? Outcome.LAPPED : Outcome.UNDECIDED
  }

  #copyOut(span: number, named: Named): void {
    const { i32, f64, geometry } = this.#zone
    const { entry } = this
    const at = this.#at
    const lengths = i32[(at + Field.channelLength) >>> 2]
    const origin = i32[(at + Field.worker) >>> 2]
    entry.named = named
    entry.channel = named.channel
    entry.type = named.type
    entry.generation = this.#cursor
    entry.slot = this.#slot
    entry.timestamp = f64[(at + Field.timestamp) >>> 3]
    entry.pid = i32[(at + Field.pid) >>> 2]
    entry.worker = origin & 0xffff
    entry.encoding = origin >>> 16
    const keyLength = Math.min(lengths >>> 16, KEY_BYTES, geometry.spanBytes(span))
    const length = Math.min(Math.max(i32[(at + Field.length) >>> 2], 0), geometry.spanBytes(span) - keyLength)
    this.#copyBody(keyLength, length)
  }

  #keyLength = 0
  #length = 0
  #isText = false

  #copyBody(keyLength: number, length: number): void {
    const { bytes, f64, geometry } = this.#zone
    const start = this.#at + Field.payload
    const end = start + keyLength + length
    this.#keyLength = keyLength
    this.#length = length
    // ASCII makes a string by one plain copy, which is safe on bytes that change; all else takes a private copy first.
    this.#isText = this.entry.encoding === Encoding.ASCII && keyLength === 0 && end <= geometry.bytes
    if (this.#isText) {
      if (length > 0 && length <= LONGEST_PLAIN) this.entry.takeAscii(f64, start >>> 3, length)
      else this.entry.text = bytes.latin1Slice(start, end)
    } else if (end > start) {
      this.#copyRaw(start, end - start)
    }
  }

  #copyRaw(start: number, length: number): void {
    const { bytes, geometry } = this.#zone
    if (length > this.#raw.length) this.#raw = Buffer.alloc(2 ** Math.ceil(Math.log2(length))) as Buffer as RawBuffer
    const first = Math.min(length, geometry.bytes - start)
    bytes.copy(this.#raw, 0, start, start + first)
    if (first < length) bytes.copy(this.#raw, first, geometry.recordsAt, geometry.recordsAt + length - first)
  }

  #decode(): void {
    const { entry } = this
    const end = this.#keyLength + this.#length
    entry.key = this.#keyLength === 0 ? undefined : this.#raw.utf8Slice(0, this.#keyLength)
    if (this.#isText) return
    if (entry.encoding === Encoding.BYTES) entry.bytes = new Uint8Array(this.#raw.subarray(this.#keyLength, end))
    else if (entry.encoding !== Encoding.NONE) entry.text = this.#raw.utf8Slice(this.#keyLength, end)
  }

  isNamed({ words, channelLength, typeLength }: NamePair): boolean {
    const { i32 } = this.#zone
    const lengths = i32[(this.#at + Field.channelLength) >>> 2]
    if ((lengths & 0xffff) !== (channelLength | (typeLength << 8))) return false
    const names = (this.#at + Field.names) >>> 2
    for (let index = 0; index * 4 < channelLength; index++) if (i32[names + index] !== words[index]) return false
    for (let index = 16; (index - 16) * 4 < typeLength; index++) if (i32[names + index] !== words[index]) return false
    return true
  }

  channel(): string {
    return this.#name(0, Field.channelLength)
  }

  type(): string {
    return this.#name(NAME_BYTES, Field.typeLength)
  }

  /** A name from a private copy: a decoder of UTF-8 must not see bytes that can change. */
  #name(offset: number, lengthField: number): string {
    const { bytes } = this.#zone
    const length = Math.min(bytes[this.#at + lengthField], NAME_BYTES)
    const from = this.#at + Field.names + offset
    bytes.copy(this.#names, 0, from, from + length)
    return this.#names.utf8Slice(0, length)
  }
}
