/** Where a zone's memory comes from, and how one who uses it proves that it lives. */
import { randomBytes } from 'node:crypto'
import type { Zone } from './zone.js'

/**
 * Memory that several participants share.
 *
 * The proof of life is the kernel's: it ends with the participant, however that ended, and never before. A worker that
 * is merely stopped still has it. All that the algorithm frees, it frees on this proof and never on a timeout.
 */
export interface Region {
  readonly zone: Zone
  /** The bell file of a named zone; `undefined` for memory of one process, whose bell is a word in it. */
  readonly bellPath: string | undefined
  /** Takes a worker place, with proof of life; false if a living worker has it. */
  take(worker: number): boolean
  /** True if nobody alive holds the place. The answer "alive" may be old at once, "dead" stays true for its holder. */
  isDead(worker: number): boolean
  /** True while somebody exclusively replaces the zone: no place can be taken then. */
  isBeingReplaced(): boolean
  /** Whether the zone's name still leads to this memory. */
  standing(): 'current' | 'removed' | 'replaced'
  /** Gives back what was taken. The memory itself stays mapped: unmapping it under a view would crash the process. */
  close(): void
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A new name for a life of a zone: a ULID, 48 bits of time and 80 random ones. */
export function newEpoch(): string {
  let time = Date.now()
  let text = ''
  for (let digit = 0; digit < 10; digit++) {
    text = ALPHABET.charAt(time % 32) + text
    time = Math.floor(time / 32)
  }
  for (const byte of randomBytes(16)) text += ALPHABET.charAt(byte % 32)
  return text
}
