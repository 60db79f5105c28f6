/**
 * A reader that copies several entries out of the ring before it hands out the first. Copying and parsing in turns costs
 * a worker tenths of its time, as each drives the code of the other out of the processor's caches.
 *
 * To whoever uses it, it stands behind the entry that it handed out last. What it copied beyond is forgotten when what is
 * wanted changes, and read anew.
 */
import type { Zone } from '../region/zone.js'
import { Entry } from './entry.js'
import { type Interests, Outcome, Reader } from './reader.js'

/** Entries that are copied before the first of them is delivered. More gained nothing. */
const AHEAD = 16

/** Interests that may change from one entry to the next. */
export interface ChangingInterests extends Interests {
  /** Another number whenever they have changed. */
  readonly version: number
}

export class Lookahead {
  readonly #reader: Reader
  readonly #entries = Array.from({ length: AHEAD }, () => new Entry())
  /** Where the reader stood after each of the entries. */
  readonly #ends = new Float64Array(AHEAD)
  #copied = 0
  #given = 0
  #version = 0
  #cursor: number
  #entry = this.#entries[0]

  constructor(zone: Zone, cursor: number) {
    this.#reader = new Reader(zone, cursor)
    this.#cursor = cursor
  }

  /** The generation behind the entry that was handed out last. */
  get cursor(): number {
    return this.#cursor
  }

  /** What was handed out last; filled anew by the next looks. */
  get entry(): Entry {
    return this.#entry
  }

  /** See {@link Reader.isUnlabelled}; asked when there was nothing to hand out. */
  get isUnlabelled(): boolean {
    return this.#reader.isUnlabelled
  }

  /** See {@link Reader.isDecided}; asked when there was nothing to hand out. */
  get isDecided(): boolean {
    return this.#reader.isDecided
  }

  seek(generation: number): void {
    this.#reader.seek(generation)
    this.#cursor = generation
    this.#copied = this.#given = 0
  }

  /** Takes what is at the cursor. */
  next(interests: ChangingInterests): Outcome {
    if (this.#version !== interests.version) {
      this.seek(this.#cursor)
      this.#version = interests.version
    }
    return this.#given < this.#copied ? this.#give() : this.#look(interests)
  }

  #give(): Outcome {
    this.#cursor = this.#ends[this.#given]
    this.#entry = this.#entries[this.#given++]
    return Outcome.EVENT
  }

  #look(interests: Interests): Outcome {
    this.#copied = this.#given = 0
    let last: Outcome = Outcome.PASSED
    let looks = 0
    for (; looks < AHEAD && last === Outcome.PASSED; looks++) last = this.#copyNext(interests)
    // fault: read.ahead
    if (this.#copied > 0) return this.#give()
    this.#cursor = this.#reader.cursor
    // What was passed is dealt with now; what stopped it is found again by the next look.
    return looks > 1 ? Outcome.PASSED : last
  }

  /** `PASSED` if there may be more to copy. */
  #copyNext(interests: Interests): Outcome {
    const reader = this.#reader
    const entry = (reader.entry = this.#entries[this.#copied])
    const outcome = reader.next(interests)
    if (outcome !== Outcome.EVENT) return outcome
    this.#ends[this.#copied++] = reader.cursor
    // A unique event is looked at only when its turn comes: the claim on it is in the ring, and must be there still.
    // And copies of large events would hold much memory.
    const mayGoOn = entry.key === undefined && reader.cursor - entry.generation === 1
    return mayGoOn ? Outcome.PASSED : Outcome.EVENT
  }
}
