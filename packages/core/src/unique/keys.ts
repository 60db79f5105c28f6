/**
 * The key table: which unique keys are taken, and until when.
 *
 *     1 scan     the key confirmed in a cell and not expired: a duplicate
 *     2 draft    CAS a free cell to TENTATIVE
 *     3 rescan   the key in another cell: confirmed, a duplicate; tentative in a higher cell, it must go; in a lower one,
 *                I must go, unless it does not move (its publisher is stopped or dead): then it must
 *     4 date     CAS the cell's expiry from what it was before 2
 *     5 confirm  CAS to CONFIRMED: the key is mine; if the cell was taken from me meanwhile, start over
 *
 * Why two phases: two publishers of one key may choose different cells, because one of them sees a cell expired that the
 * other does not see expired yet. Both draft before both rescan, so at least one sees the other.
 *
 * Dies here: after 2, others push the draft aside, and the next holder of the place clears it. After 5, the key stays
 * taken for its time although nothing was published: its publisher never returned.
 *
 * Keys are compared by 48 bits of SHA-256 and, in tables of more than one bucket, the bucket's bits: a false duplicate
 * needs about 2⁴⁸ ⁄ (live keys) publishes.
 */
import { createHash } from 'node:crypto'
import { WorkerEventsError } from '../errors.js'
import {
  CONFIRMED,
  Cell,
  TAG_MASK,
  TENTATIVE,
  cellWord,
  expiryIn,
  expiryWord,
  lowIn,
  ownerIn,
  phaseIn,
  tagIn,
  versionIn,
} from '../layout.js'
import type { Zone } from '../region/zone.js'

const PATIENCE = 200
/** Longest life of a key in milliseconds: its end must fit 43 bits, and the clock may show as much again. */
const LONGEST = 2 ** 42

/** A key that a publisher holds: to be given back if the publish fails. */
export interface HeldKey {
  readonly cell: number
  readonly word: bigint
}

interface Draft extends HeldKey {
  readonly found: bigint
  readonly expiry: bigint
}

/** Milliseconds of the clock that all processes of the machine share, and that nobody sets. */
function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/** The zone's key table as one worker uses it. */
export class KeyTable {
  readonly #words: BigInt64Array
  readonly #zone: Zone
  readonly #worker: number
  #salt = 0

  constructor(zone: Zone, worker: number) {
    this.#zone = zone
    this.#words = zone.i64
    this.#worker = worker
  }

  /**
   * Takes a key for `life` milliseconds; `undefined` if it is taken already.
   * @throws {@link WorkerEventsError} `ERR_UNIQUE_FULL`
   */
  take(key: Uint8Array, life: number): HeldKey | undefined {
    const digest = createHash('sha256').update(key).digest()
    const tag = digest.readBigUInt64LE(0) & TAG_MASK
    const { buckets, bucketCells } = this.#zone.geometry
    const first = (digest.readUInt32LE(8) % buckets) * bucketCells
    for (;;) {
      const draft = this.#draft(tag, first)
      if (draft === 'duplicate') return undefined
      if (draft === 'lost') continue
      // fault: key.drafted
      const verdict = this.#resolve(draft, tag, first)
      if (verdict === 'duplicate') {
        this.#swap(draft.cell, draft.word, 0n)
        return undefined
      }
      // fault: key.resolved
      if (verdict === 'yield' || !this.#date(draft, life)) continue
      // fault: key.dated
      const confirmed = cellWord(tag, versionIn(draft.word), this.#worker, CONFIRMED)
      if (this.#swap(draft.cell, draft.word, confirmed)) return { cell: draft.cell, word: confirmed }
    }
  }

  /** Frees a key whose publish failed. */
  release({ cell, word }: HeldKey): void {
    this.#swap(cell, word, 0n)
  }

  #draft(tag: bigint, first: number): Draft | 'duplicate' | 'lost' {
    const now = monotonicNow()
    let free = -1
    for (let cell = first; cell < first + this.#zone.geometry.bucketCells; cell++) {
      const word = Atomics.load(this.#words, this.#at(cell))
      const isFree = word === 0n || this.#isExpired(cell, word, now)
      if (isFree && free < 0) free = cell
      if (!isFree && phaseIn(lowIn(word)) === CONFIRMED && tagIn(word) === tag) return 'duplicate'
    }
    if (free < 0) throw this.#full()
    // fault: key.scanned
    // The expiry is loaded before the word that is swapped: `#date` then fails if the cell had a life in between.
    const expiry = Atomics.load(this.#words, this.#at(free) + 1)
    const found = Atomics.load(this.#words, this.#at(free))
    if (found !== 0n && !(phaseIn(lowIn(found)) === CONFIRMED && expiryIn(expiry) <= now)) return 'lost'
    // fault: key.drafting
    const word = cellWord(tag, (versionIn(found) + 1) & 15, this.#worker, TENTATIVE)
    return this.#swap(free, found, word) ? { cell: free, word, found, expiry } : 'lost'
  }

  #isExpired(cell: number, word: bigint, now: number): boolean {
    if (phaseIn(lowIn(word)) !== CONFIRMED) return false
    return expiryIn(Atomics.load(this.#words, this.#at(cell) + 1)) <= now
  }

  /** Looks for the same key in other cells, now that everybody can see the draft. */
  #resolve(draft: Draft, tag: bigint, first: number): 'mine' | 'duplicate' | 'yield' {
    const now = monotonicNow()
    for (let cell = first; cell < first + this.#zone.geometry.bucketCells; cell++) {
      if (cell === draft.cell) continue
      for (let looks = 0; ; looks++) {
        const word = Atomics.load(this.#words, this.#at(cell))
        if (word === 0n || tagIn(word) !== tag || this.#isExpired(cell, word, now)) break
        if (phaseIn(lowIn(word)) === CONFIRMED) return 'duplicate'
        if (cell < draft.cell && looks < PATIENCE) {
          if (looks === 0 && !this.#swap(draft.cell, draft.word, 0n)) return 'yield'
          continue
        }
        // fault: key.pushing
        if (this.#swap(cell, word, 0n)) break
      }
      if (Atomics.load(this.#words, this.#at(draft.cell)) !== draft.word) return 'yield'
    }
    return 'mine'
  }

  #date(draft: Draft, life: number): boolean {
    const end = Math.ceil(monotonicNow() + Math.min(life, LONGEST))
    const at = this.#at(draft.cell) + 1
    const next = expiryWord(end, (this.#worker << 10) | (this.#salt++ & 1023))
    if (Atomics.compareExchange(this.#words, at, draft.expiry, next) === draft.expiry) return true
    this.#swap(draft.cell, draft.word, draft.found)
    return false
  }

  #at(cell: number): number {
    return (this.#zone.geometry.cellsAt + cell * Cell.bytes) / 8
  }

  #swap(cell: number, from: bigint, to: bigint): boolean {
    return Atomics.compareExchange(this.#words, this.#at(cell), from, to) === from
  }

  #full(): WorkerEventsError {
    const { uniqueKeys } = this.#zone.geometry.dimensions
    return new WorkerEventsError(
      'ERR_UNIQUE_FULL',
      `the zone has room for ${uniqueKeys} unique keys at once: open it with a larger uniqueKeys or a shorter uniqueTimeout`,
    )
  }
}

/** Clears the drafts that the dead holder of a worker place left behind. */
export function buryDrafts(zone: Zone, worker: number): void {
  const { cellsAt, buckets, bucketCells } = zone.geometry
  for (let at = cellsAt / 8; at < cellsAt / 8 + 2 * buckets * bucketCells; at += 2) {
    const word = Atomics.load(zone.i64, at)
    const isOwn = phaseIn(lowIn(word)) === TENTATIVE && ownerIn(lowIn(word)) === worker
    if (isOwn) Atomics.compareExchange(zone.i64, at, word, 0n)
  }
}
