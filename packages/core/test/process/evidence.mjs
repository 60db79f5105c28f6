/**
 * Payloads that prove themselves: each names its publisher, which of its events it is and how long it is, with a check sum,
 * and carries a hash of the rest. Publishers prepare the long part beforehand and so spend their time in publishing.
 *
 *     as bytes    publisher · pid · counter · length · sum, four bytes each; hash, 32 bytes; then the filler
 *     as JSON     an object with the same members
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import process from 'node:process'

/** Letters, and the most bytes that one of them takes. */
const ALPHABETS = [
  ['abcdefghijklmnopqrstuvwxyz0123456789', 1],
  ['abcdefghijäöüßéè€漢字', 3],
]
const HASH_AT = 20
const FILLER_AT = 52
const STORED = 64

function hashOf(filler) {
  return createHash('md5').update(filler).digest('hex')
}

function sumOf({ publisher, pid, counter, length }) {
  return [publisher, pid, counter, length].reduce((sum, number) => (Math.imul(sum, 31) + number) >>> 0, 7)
}

/** Text of at most so many bytes, small ones more often. */
function fillerOf(most, random) {
  const [alphabet, bytes] = ALPHABETS[Math.floor(random() * ALPHABETS.length)]
  const length = 1 + Math.floor((random() ** 2 * (most - bytes)) / bytes)
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
}

/** Gives the payloads of one publisher, with fillers of 1 to `most` bytes, in every encoding. */
export class Evidence {
  #random
  #fillers
  #claim

  constructor(publisher, most, random) {
    this.#random = random
    this.publisher = publisher
    this.#claim = { publisher, pid: process.pid }
    this.#fillers = Array.from({ length: STORED }, () => {
      const filler = fillerOf(most, random)
      const bytes = Buffer.concat([Buffer.alloc(FILLER_AT), Buffer.from(filler)])
      bytes.write(hashOf(filler), HASH_AT, 'latin1')
      return { filler, bytes, hash: hashOf(filler) }
    })
  }

  payload(counter) {
    const { filler, bytes, hash } = this.#fillers[Math.floor(this.#random() * STORED)]
    const asBytes = this.#random() < 0.5
    const claim = { ...this.#claim, counter, length: asBytes ? bytes.length : filler.length }
    if (!asBytes) return { ...claim, sum: sumOf(claim), hash, filler }
    ;[claim.publisher, claim.pid, counter, bytes.length, sumOf(claim)].forEach((number, index) => {
      bytes.writeUInt32LE(number, index * 4)
    })
    return bytes
  }
}

function read(payload) {
  if (!(payload instanceof Uint8Array)) return { ...payload, actual: payload.filler.length }
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const [publisher, pid, counter, length, sum] = [0, 4, 8, 12, 16].map((at) => bytes.readUInt32LE(at))
  const hash = bytes.toString('latin1', HASH_AT, FILLER_AT)
  return { publisher, pid, counter, length, sum, hash, filler: bytes.subarray(FILLER_AT), actual: bytes.length }
}

/** What a received payload says; undefined unless it is whole and agrees with the event that carried it. */
export function confirmed(payload, event) {
  const claim = read(payload)
  const isWhole = claim.actual === claim.length && claim.sum === sumOf(claim) && claim.hash === hashOf(claim.filler)
  return isWhole && event.pid === claim.pid && event.type === typeOf(claim.counter) ? claim : undefined
}

/** Type under which an event is published: of another length from one to the next. */
export function typeOf(counter) {
  return 'event'.repeat(1 + (counter % 7))
}
