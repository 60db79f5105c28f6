/**
 * The writing side of the ring.
 *
 *     1 reserve   draw a generation from head, k of them for an event of k entries
 *     2 label     CAS each slot to (lap, me, BUSY): from now on its bytes are mine
 *     3 fill      plain stores
 *     4 commit    CAS the first slot to COMMITTED: the event exists, for everybody, from this moment on
 *     5 release   the slots of continuation entries
 *     6 ring      wake who sleeps
 *
 * Dies here: after 1, readers decide VOID after a short wait. After 2 and 3, readers and later writers find the owner
 * dead and free the slot. After 4, the event stands; continuation slots are freed like others of a dead owner, and a
 * sleeper is woken by the next publisher or its own slow poll.
 *
 * Stops there instead: everybody passes by. Readers make the slot STALE, later laps keep it STALE in the name of its
 * holder, and nobody touches its bytes until the holder comes back, finds its commit refused, and lets go.
 *
 * Comments `fault: …`, here and elsewhere, name the points where the proof kills, stops and suspends (docs/proof.md).
 */
import { Buffer } from 'node:buffer'
import { WorkerEventsError } from '../errors.js'
import {
  Field,
  Header,
  LAST_GENERATION,
  NOBODY,
  Phase,
  Place,
  UNCLAIMED,
  claimWord,
  isHeld,
  lapOf,
  lapsAhead,
  ownerIn,
  stateWord,
} from '../layout.js'
import type { NamePair } from '../names.js'
import type { Body } from '../payload.js'
import type { Zone } from '../region/zone.js'
import { Filler } from './filler.js'
import { type Slots, slotOf, wide } from './slots.js'

/** Read once: `process.pid` is an accessor. */
const PID = process.pid

/** Tells a writer of a zone that rejects how far it may go: the lowest generation that a live worker has yet to read. */
export type OldestUnread = (head: number) => number

/** Writes events into the ring for one worker. */
export class Writer {
  readonly #zone: Zone
  readonly #slots: Slots
  readonly #capacity: number
  readonly #placeAt: number
  readonly #filler: Filler
  readonly #oldestUnread: OldestUnread
  readonly #rejects: boolean
  #bound = 0
  /** Words that the labels of the present attempt replaced. */
  #before = new Int32Array(8)
  /** A drawn generation as the two halves of its 64 bits: a BigInt becomes a Number dearly. */
  readonly #drawn = new BigInt64Array(1)
  readonly #drawnHalves = new Int32Array(this.#drawn.buffer)

  constructor(zone: Zone, slots: Slots, oldestUnread: OldestUnread) {
    this.#zone = zone
    this.#slots = slots
    this.#capacity = zone.geometry.capacity
    this.#placeAt = zone.placeAt(slots.worker)
    this.#filler = new Filler(zone)
    this.#oldestUnread = oldestUnread
    this.#rejects = zone.geometry.dimensions.overflow === 'reject'
  }

  /**
   * Publishes one event and returns its generation.
   * @throws {@link WorkerEventsError} `ERR_PAYLOAD_TOO_LARGE` (takes no generation), `ERR_RING_FULL`, `ERR_RING_BUSY`
   */
  write(names: NamePair, body: Body, key: Uint8Array | undefined, retries: number): number {
    const span = this.spanOf(body, key === undefined ? 0 : key.length)
    for (let attempt = 0; attempt <= retries; attempt++) {
      const generation = this.#reserve(span)
      // fault: write.reserved
      const slot = slotOf(generation, this.#capacity)
      const lap = lapOf(generation, this.#capacity)
      const labelled = this.#label(generation, slot, lap, span)
      if (labelled < span) this.#abandon(generation, span, labelled)
      else if (this.#fillAndCommit(generation, slot, lap, span, names, body, key)) return generation
    }
    throw new WorkerEventsError(
      'ERR_RING_BUSY',
      `${retries + 1} attempts in a row met entries that stalled publishers hold: retry later, or open a larger ring`,
    )
  }

  /** Entries that an event needs. @throws {@link WorkerEventsError} `ERR_PAYLOAD_TOO_LARGE` */
  spanOf(body: Body, keyLength: number): number {
    const geometry = this.#zone.geometry
    const atMost = body === undefined ? 0 : typeof body === 'string' ? body.length * 3 : body.length
    // No character needs more than three bytes, so most texts need not be measured.
    if (atMost + keyLength <= geometry.spanBytes(1)) return 1
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : atMost
    const span = geometry.spanOf(bytes + keyLength)
    if (span <= geometry.maxSpan) return span
    const most = Math.max(0, geometry.spanBytes(geometry.maxSpan) - keyLength)
    throw new WorkerEventsError(
      'ERR_PAYLOAD_TOO_LARGE',
      `the payload has ${bytes} bytes, this zone carries ${most}: open it with a larger ringSize or entryPayload`,
    )
  }

  #reserve(span: number): number {
    if (this.#rejects) return this.#reserveWithin(span)
    this.#drawn[0] = Atomics.add(this.#zone.i64, Header.head / 8, span === 1 ? 1n : BigInt(span))
    const generation = wide(this.#drawnHalves[0], this.#drawnHalves[1])
    if (generation >= LAST_GENERATION)
      throw new WorkerEventsError('ERR_RING_FULL', 'the zone has used up its generations')
    return generation
  }

  /** Reserves by CAS, so that publishers together never go beyond what live workers have read. */
  #reserveWithin(span: number): number {
    const { i64 } = this.#zone
    for (;;) {
      const head = this.#zone.head()
      if (head + span - this.#bound > this.#capacity) {
        this.#bound = this.#oldestUnread(head)
        if (head + span - this.#bound > this.#capacity) {
          throw new WorkerEventsError(
            'ERR_RING_FULL',
            `the ring of ${this.#capacity} entries holds what a live worker has not read: await drained(), then publish`,
          )
        }
      }
      // fault: write.bounded
      if (Atomics.compareExchange(i64, Header.head / 8, BigInt(head), BigInt(head + span)) === BigInt(head)) return head
    }
  }

  /** Labels the slots of a span; returns how many, fewer than all if one of them cannot be had. */
  #label(generation: number, slot: number, lap: number, span: number): number {
    if (span > this.#before.length) this.#before = new Int32Array(span)
    if (!this.#labelOne(generation, slot, lap, 0)) return 0
    for (let index = 1; index < span; index++) {
      const next = generation + index
      if (!this.#labelOne(next, slotOf(next, this.#capacity), lapOf(next, this.#capacity), index)) return index
    }
    // fault: write.labelled
    // Pairs with the reader's copy. This load after the label's CAS orders the stores of `#fill` behind it on arm64 too.
    // The low word first: if the other moves on in between, head looks too far ahead, which costs an attempt.
    const { i32 } = this.#zone
    const low = Atomics.load(i32, Header.head / 4)
    if (wide(low, i32[Header.head / 4 + 1]) - generation <= this.#capacity) return span
    return this.#unlabel(generation, span)
  }

  #labelOne(generation: number, slot: number, lap: number, index: number): boolean {
    const { states } = this.#zone
    for (;;) {
      const word = Atomics.load(states, slot)
      // fault: write.looked
      if (lapsAhead(word, lap) >= 0) return false
      if (isHeld(word) && !this.#slots.isDead(ownerIn(word))) {
        // Held by one who may come back: this generation is void, and says so, lest every reader wait at it.
        if (this.#slots.isLapped(generation)) return false
        if (this.#slots.advance(slot, word, stateWord(lap, ownerIn(word), Phase.STALE))) return false
      } else if (this.#slots.advance(slot, word, stateWord(lap, this.#slots.worker, Phase.BUSY))) {
        // fault: write.labelled-one
        this.#before[index] = word
        return true
      }
    }
  }

  /**
   * This worker was stopped between reserving and labelling, for more than a lap: what it labelled may be of a newer
   * lap that only looks older (see layout). Nothing was written yet, so the words are put back as they were.
   */
  #unlabel(generation: number, span: number): number {
    for (let index = 0; index < span; index++) {
      const slot = slotOf(generation + index, this.#capacity)
      // fault: write.unlabelling
      const label = stateWord(lapOf(generation + index, this.#capacity), this.#slots.worker, Phase.BUSY)
      Atomics.compareExchange(this.#zone.states, slot, label, this.#before[index])
      this.#slots.release(slot)
    }
    return 0
  }

  /** Leaves no generation of a failed span undecided. */
  #abandon(generation: number, span: number, labelled: number): void {
    // fault: write.abandoning
    for (let index = 0; index < labelled; index++) this.#slots.release(slotOf(generation + index, this.#capacity))
    // fault: write.abandoned
    for (let index = labelled; index < span; index++) this.#slots.decideVoid(generation + index)
  }

  #fillAndCommit(
    generation: number,
    slot: number,
    lap: number,
    span: number,
    names: NamePair,
    body: Body,
    key: Uint8Array | undefined,
  ): boolean {
    let committed = false
    try {
      const timestamp = this.#fill(generation, slot, span, names, body, key)
      // fault: write.filled
      if (key !== undefined) Atomics.store(this.#zone.claims, slot, claimWord(lap, UNCLAIMED))
      const busy = stateWord(lap, this.#slots.worker, Phase.BUSY)
      const done = stateWord(lap, NOBODY, Phase.COMMITTED)
      // fault: write.ready
      committed = Atomics.compareExchange(this.#zone.states, slot, busy, done) === busy
      // fault: write.committed
      if (committed) this.#zone.f64[(this.#placeAt + Place.lastPublish) >>> 3] = timestamp
    } finally {
      // fault: write.releasing
      for (let index = committed ? 1 : 0; index < span; index++)
        this.#slots.release(slotOf(slot + index, this.#capacity))
    }
    return committed
  }

  #fill(
    generation: number,
    slot: number,
    span: number,
    names: NamePair,
    body: Body,
    key: Uint8Array | undefined,
  ): number {
    const { i32, f64 } = this.#zone
    const at = this.#zone.recordAt(slot)
    const timestamp = Date.now()
    const keyLength = key === undefined ? 0 : this.#filler.copy(key, at + Field.payload)
    f64[at >>> 3] = generation
    f64[(at + Field.timestamp) >>> 3] = timestamp
    i32[(at + Field.span) >>> 2] = span
    i32[(at + Field.hash) >>> 2] = names.hash
    i32[(at + Field.channelHash) >>> 2] = names.channelHash
    i32[(at + Field.pid) >>> 2] = PID
    i32[(at + Field.channelLength) >>> 2] = names.channelLength | (names.typeLength << 8) | (keyLength << 16)
    this.#fillNames((at + Field.names) >>> 2, names)
    // fault: write.filling
    const encoding = this.#filler.fill(at, at + Field.payload + keyLength, body)
    i32[(at + Field.worker) >>> 2] = this.#slots.worker | (encoding << 16)
    return timestamp
  }

  #fillNames(to: number, { words, channelLength, typeLength }: NamePair): void {
    const { i32 } = this.#zone
    for (let index = 0; index * 4 < channelLength; index++) i32[to + index] = words[index]
    for (let index = 16; (index - 16) * 4 < typeLength; index++) i32[to + index] = words[index]
  }
}
