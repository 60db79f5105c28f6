/**
 * The memory map of a zone: the one file that knows offsets, shifts and masks.
 *
 *     byte 0      header          4,096 bytes: who made this zone and how large it is, then the hot words, each on a
 *                                 pair of cache lines of its own (the prefetcher loads two)
 *          4,096  worker places   maxWorkers × 128: one per open handle; written by its holder alone
 *                 unique cells    cells × 16: keys that are taken, and until when
 *                 states          C × 4, dense: a reader that drains finds 16 states on one cache line
 *                 claims          C × 4: who executes a unique event; no other event touches them
 *                 records         C × S: the entries; the slots of a span are contiguous but at the wrap
 *
 *     record      0        8          16      20    24    28        32    36     38     40        44       48
 *                 generation timestamp length  span  hash  chanHash  pid   worker flags  lengths   key      names 128
 *                 176 = payload area: the bytes of the key first, then the payload
 *
 * Words used here: a *generation* is the number that a publisher drew from `head`; C is the number of slots; a
 * generation's *slot* is generation mod C and its *lap* floor(generation / C).
 *
 * STATE WORD (Int32): lap (20 bits) · owner (10 bits) · phase (2 bits), all in one CAS, because a worker may die
 * between any two steps. 20 bits wrap, and Int32 is what `Atomics` handle without allocating, so a comparison of laps
 * is a comparison modulo 2²⁰ and is believed only where the true distance is known to be small:
 *
 *   - a reader that was stopped for 2²⁰ laps may meet a word that looks like its own lap. It is not deceived: the
 *     record carries its full generation, which it compares after its copy (`Reader`), and before it acts on any other
 *     word it compares its cursor with the full 64-bit `head`.
 *   - a writer that was stopped between drawing a generation and labelling may see a newer lap as an older one. It
 *     compares with the full `head` after labelling, before it wrote a byte, and puts the word back (`Writer`).
 *   - a commit cannot meet its own old value: every lap that passed over a busy slot made it stale.
 *
 * Laps start three short of the wrap, so that every zone and every test goes through it.
 */
import { NAME_BYTES } from './names.js'
import type { Dimensions } from './options.js'

/** Version of this map. Nobody attaches to a zone of another version. */
export const LAYOUT_VERSION = 1

/** First and last eight bytes of the header; the last are written last, so their presence means *initialised*. */
export const MAGIC = 'WKEVENTS'

export const HEADER_BYTES = 4096

/** Byte offsets in the header. */
export const Header = {
  magic: 0,
  version: 8,
  flags: 12,
  bytes: 16,
  ringSize: 24,
  entryPayload: 28,
  maxWorkers: 32,
  uniqueKeys: 36,
  origin: 40,
  createdAt: 48,
  epoch: 56,
  bootId: 88,
  name: 128,
  head: 512,
  sleepTickets: 640,
  rungTicket: 768,
  bell: 896,
  retired: 1024,
  lookout: 1152,
  lookedAt: 1160,
  magicEnd: HEADER_BYTES - 8,
} as const

/** Bits of the header's flags. */
export const Flag = { REJECT: 1 } as const

export const EPOCH_BYTES = 26
export const BOOT_ID_BYTES = 36

/** Byte offsets in a worker place. */
export const Place = {
  bytes: 128,
  phase: 0,
  pid: 4,
  thread: 8,
  startedAt: 16,
  cursor: 24,
  missed: 32,
  dropped: 40,
  lastPublish: 48,
  /** How a thread proves that it lives: the word that names its token (zones in a `SharedArrayBuffer` only). */
  token: 56,
} as const

/** Phase of a worker place. */
export const FREE = 0
export const LIVE = 1
/** Went over to a later life of the zone; still reads what is left here. */
export const MOVED = 2
/** Counts for publishers already, but does not show itself before its cursor is final. */
export const JOINING = 3
/** Taken, and what its last holder left behind not yet cleaned up: does not count, although its holder lives. */
export const TAKEN = 4

/** Byte offsets in a record. */
export const Field = {
  generation: 0,
  timestamp: 8,
  length: 16,
  span: 20,
  hash: 24,
  channelHash: 28,
  pid: 32,
  worker: 36,
  encoding: 38,
  channelLength: 40,
  typeLength: 41,
  keyLength: 42,
  names: 48,
  payload: 48 + 2 * NAME_BYTES,
} as const

/** Phases of a slot. What is held may be written by its owner, and by nobody else. */
export const Phase = {
  /** No event here, final; nobody holds the bytes. */
  VOID: 0,
  /** Not decided; held by its owner. */
  BUSY: 1,
  /** An event, final. Only the first slot of a span is ever committed. */
  COMMITTED: 2,
  /** No event here, final; but the bytes are still held by an owner that was too slow. */
  STALE: 3,
} as const

/** Owner of a slot that nobody holds. */
export const NOBODY = 1023

/** Most workers that the owner bits can tell apart, with {@link NOBODY} and *done* to spare. */
export const MAX_WORKERS = 1000

const LAP_BITS = 20
const LAP_MASK = 2 ** LAP_BITS - 1

/** Lap that a new zone starts in. */
export const FIRST_LAP = 2 ** LAP_BITS - 3

/** Where a new zone's tickets start: they wrap early too. */
export const FIRST_TICKET = 0x7fffffff - 2

/** Generations stay exact Numbers far beyond this; publishing stops here (285 years at a million events a second). */
export const LAST_GENERATION = 2 ** 52

/** Lap of a generation, as far as a state word holds it. */
export function lapOf(generation: number, capacity: number): number {
  return Math.floor(generation / capacity) & LAP_MASK
}

/** A state word. */
export function stateWord(lap: number, owner: number, phase: number): number {
  return (lap << 12) | (owner << 2) | phase
}

/** How many laps a state or claim word is ahead of `lap` (negative: behind), right within ± 2¹⁹. */
export function lapsAhead(word: number, lap: number): number {
  return (((word >>> 12) - lap) << 12) >> 12
}

/** Lap bits of a state or claim word. */
export function lapIn(word: number): number {
  return word >>> 12
}

export function ownerIn(word: number): number {
  return (word >>> 2) & 1023
}

export function phaseIn(word: number): number {
  return word & 3
}

/** True if somebody may still write the slot's bytes. */
export function isHeld(word: number): boolean {
  return (word & 1) === 1
}

/** Claim word (Int32): lap (20 bits) · claimant (12 bits: 0 nobody, worker + 1, or {@link EXECUTED}). */
export const UNCLAIMED = 0
export const EXECUTED = 4095

export function claimWord(lap: number, claimant: number): number {
  return (lap << 12) | claimant
}

export function claimantIn(word: number): number {
  return word & 4095
}

/**
 * Key cell: two 64-bit words. The first is tag (48 bits of the key's hash) · version (4) · owner (10) · phase (2), 0 for a
 * cell that was never used; the second is the end of the key's life in milliseconds of the machine's monotonic clock
 * (44 bits) · salt (20), so that no two ends are equal.
 */
export const Cell = { bytes: 16, word: 0, expiry: 8 } as const
export const TENTATIVE = 1
export const CONFIRMED = 2
export const TAG_MASK = 2n ** 48n - 1n

export function cellWord(tag: bigint, version: number, owner: number, phase: number): bigint {
  return BigInt.asIntN(64, (tag << 16n) | BigInt((version << 12) | (owner << 2) | phase))
}

export function tagIn(word: bigint): bigint {
  return (word >> 16n) & TAG_MASK
}

export function versionIn(word: bigint): number {
  return Number((word >> 12n) & 15n)
}

/** Phase and owner of a cell word have the places that they have in a state word. */
export function lowIn(word: bigint): number {
  return Number(word & 0xfffn)
}

export function expiryWord(milliseconds: number, salt: number): bigint {
  return (BigInt(milliseconds) << 20n) | BigInt(salt & 0xfffff)
}

export function expiryIn(word: bigint): number {
  return Number(word >> 20n)
}

/** Up to here the key table is one bucket and holds exactly `uniqueKeys`; beyond, it is hashed into buckets. */
const ONE_BUCKET = 1024
const BUCKET_CELLS = 128

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}

/** Where everything lies in a zone of given dimensions. */
export class Geometry {
  readonly capacity: number
  readonly slotBytes: number
  /** Most entries that one event may span. */
  readonly maxSpan: number
  readonly placesAt = HEADER_BYTES
  readonly cellsAt: number
  readonly buckets: number
  readonly bucketCells: number
  readonly statesAt: number
  readonly claimsAt: number
  readonly recordsAt: number
  readonly bytes: number

  constructor(readonly dimensions: Dimensions) {
    const { ringSize, entryPayload, maxWorkers, uniqueKeys } = dimensions
    this.capacity = ringSize
    this.slotBytes = roundUp(Field.payload + entryPayload, 64)
    this.maxSpan = Math.max(1, Math.floor(ringSize / 4))
    // Beyond one bucket there are twice as many cells as keys, so that no bucket overflows before its time.
    this.bucketCells = uniqueKeys <= ONE_BUCKET ? uniqueKeys : BUCKET_CELLS
    this.buckets = uniqueKeys <= ONE_BUCKET ? 1 : Math.ceil((2 * uniqueKeys) / BUCKET_CELLS)
    this.cellsAt = this.placesAt + maxWorkers * Place.bytes
    this.statesAt = roundUp(this.cellsAt + this.buckets * this.bucketCells * Cell.bytes, 128)
    this.claimsAt = roundUp(this.statesAt + ringSize * 4, 128)
    this.recordsAt = roundUp(this.claimsAt + ringSize * 4, 128)
    this.bytes = this.recordsAt + ringSize * this.slotBytes
  }

  /** Payload bytes that `span` entries carry. */
  spanBytes(span: number): number {
    return span * this.slotBytes - Field.payload
  }

  /** An offset among the records that may have run over their end. */
  wrapped(offset: number): number {
    return offset < this.bytes ? offset : offset - this.bytes + this.recordsAt
  }

  /** Entries that so many bytes of key and payload need. */
  spanOf(bytes: number): number {
    return Math.ceil((Field.payload + bytes) / this.slotBytes)
  }
}
