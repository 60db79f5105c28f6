/**
 * A participant driven by hand: the parts of one worker, without the loop that drives them, and the means to stop it in
 * the midst of a step as SIGSTOP would, or to end it there as SIGKILL would.
 *
 * All participants of a test run on one thread. What others do while one is stopped runs inside a call that the stopped
 * one makes at that point; so the production code itself is interrupted, not a copy of it.
 */
import { Backlog } from '../src/backlog.js'
import { Header, Phase, isHeld, lapOf, lapsAhead, ownerIn, phaseIn, stateWord } from '../src/layout.js'
import { encodePair } from '../src/names.js'
import { type Membership, join } from '../src/registry.js'
import type { Region } from '../src/region/region.js'
import type { Zone } from '../src/region/zone.js'
import type { Entry } from '../src/ring/entry.js'
import { type Interests, Outcome, Reader } from '../src/ring/reader.js'
import { Slots } from '../src/ring/slots.js'
import type { Body } from '../src/payload.js'
import { Writer } from '../src/ring/writer.js'
import { Claims } from '../src/unique/claims.js'
import { KeyTable } from '../src/unique/keys.js'

const everything: Interests = { find: (record) => ({ channel: record.channel(), type: record.type() }) }
const HEAD = Header.head / 8

export interface WriteOptions {
  readonly key?: string
  readonly retries?: number
  readonly type?: string
}

export class Participant {
  readonly zone: Zone
  readonly membership: Membership
  readonly slots: Slots
  readonly writer: Writer
  readonly reader: Reader
  readonly claims: Claims
  readonly keys: KeyTable
  readonly backlog: Backlog
  #isGone = false

  constructor(readonly region: Region) {
    const membership = join(region)
    if (membership === undefined) throw new Error('the zone is full')
    this.membership = membership
    this.zone = region.zone
    this.slots = new Slots(region, membership.worker)
    this.backlog = new Backlog(region, membership.worker)
    this.writer = new Writer(this.zone, this.slots, (head) => this.backlog.oldestUnread(head))
    this.reader = new Reader(this.zone, this.zone.head())
    this.claims = new Claims(this.zone, this.slots)
    this.keys = new KeyTable(this.zone, membership.worker)
  }

  get worker(): number {
    return this.membership.worker
  }

  /** Publishes `body` under c/t and returns its generation as the ring counts. */
  write(body: Body = '1', { key, retries = 9, type = 't' }: WriteOptions = {}): number {
    return this.writer.write(encodePair('c', type), body, key === undefined ? undefined : Buffer.from(key), retries)
  }

  /** What is at the cursor, and the text of the event if there is one. */
  read(): { outcome: Outcome; text: string | undefined } {
    const outcome = this.reader.next(everything)
    return { outcome, text: outcome === Outcome.EVENT ? textOf(this.reader.entry) : undefined }
  }

  /** Texts of all events from the cursor on, up to where nothing can be taken. */
  readAll(): string[] {
    const texts: string[] = []
    for (;;) {
      const { outcome, text } = this.read()
      if (text !== undefined) texts.push(text)
      else if (outcome !== Outcome.PASSED) return texts
    }
  }

  /** Draws generations and does not label them, as a writer that stops or dies right then. */
  draw(span = 1): number {
    return Number(Atomics.add(this.zone.i64, HEAD, BigInt(span)))
  }

  /** Draws generations and labels them, as a writer that stops or dies before it fills them. */
  stall(span = 1): number {
    const generation = this.draw(span)
    for (let index = 0; index < span; index++) this.label(generation + index)
    return generation
  }

  label(generation: number): void {
    const { capacity } = this.zone.geometry
    Atomics.store(
      this.zone.states,
      generation % capacity,
      stateWord(lapOf(generation, capacity), this.worker, Phase.BUSY),
    )
  }

  /** Labels as the writer does: only what nobody holds, and what is not decided yet. */
  tryLabel(generation: number): boolean {
    const { capacity } = this.zone.geometry
    const slot = generation % capacity
    const lap = lapOf(generation, capacity)
    const word = Atomics.load(this.zone.states, slot)
    if (lapsAhead(word, lap) >= 0 || isHeld(word)) return false
    return this.slots.advance(slot, word, stateWord(lap, this.worker, Phase.BUSY))
  }

  /** Lets go of a slot, as a stopped writer that comes back and finds its commit refused. */
  letGo(generation: number): void {
    this.slots.release(generation % this.zone.geometry.capacity)
  }

  /** Phase and owner of a generation's slot, and how many laps its word is ahead of the generation. */
  stateOf(generation: number): { phase: number; owner: number; word: number } {
    const word = Atomics.load(this.zone.states, generation % this.zone.geometry.capacity)
    return { phase: phaseIn(word), owner: ownerIn(word), word }
  }

  /** Publishes, and is stopped after it has labelled its slots and before it stores anything. */
  writeStoppedAfterLabelling(meanwhile: () => void, body?: Body, options?: WriteOptions): number {
    const now = Date.now.bind(Date)
    Date.now = () => {
      Date.now = now
      meanwhile()
      return now()
    }
    try {
      return this.write(body, options)
    } finally {
      Date.now = now
    }
  }

  /** Publishes, and is stopped between drawing a generation and labelling it; the label is tried anew then. */
  writeStoppedBeforeLabelling(meanwhile: () => void, body?: Body, options?: WriteOptions): number {
    const advance = this.slots.advance.bind(this.slots)
    this.slots.advance = () => {
      this.slots.advance = advance
      meanwhile()
      return false
    }
    try {
      return this.write(body, options)
    } finally {
      this.slots.advance = advance
    }
  }

  /** Stops this reader's next read after it has copied text or bytes and before it checks that nothing changed. */
  whenCopied(meanwhile: () => void): void {
    const { bytes } = this.zone
    const slice = bytes.latin1Slice.bind(bytes)
    const copy = bytes.copy.bind(bytes)
    const restore = (): void => {
      Reflect.deleteProperty(bytes, 'latin1Slice')
      Reflect.deleteProperty(bytes, 'copy')
      Reflect.deleteProperty(entry, 'takeAscii')
    }
    const { entry } = this.reader
    const take = entry.takeAscii.bind(entry)
    entry.takeAscii = (...from) => {
      restore()
      take(...from)
      meanwhile()
    }
    bytes.latin1Slice = (...range) => {
      restore()
      const text = slice(...range)
      meanwhile()
      return text
    }
    // The first two copies are those of the names.
    let copies = 0
    bytes.copy = (...args) => {
      const copied = copy(...args)
      if (++copies < 3) return copied
      restore()
      meanwhile()
      return copied
    }
  }

  /** Ends as by SIGKILL: the proof of life goes, everything else stays as it is. */
  die(): void {
    this.#isGone = true
    this.region.close()
  }

  leave(): void {
    if (this.#isGone) return
    this.membership.leave()
    this.die()
  }
}

function textOf({ bytes, text }: Entry): string {
  return bytes === undefined ? text : Buffer.from(bytes).toString('latin1')
}
