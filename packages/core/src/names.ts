/**
 * Names of channels and types: what is a name, what is a pattern, and how a pair of names lies in a record.
 *
 * A pair is encoded once per publisher and then copied as words. The cache is bounded: a program that publishes under
 * ever new names keeps no memory for them.
 */
import { Buffer } from 'node:buffer'
import { WorkerEventsError, shown } from './errors.js'
import { Trial } from './json/plain.js'

/** Longest channel or type, in bytes of UTF-8 (64 in the nginx module). */
export const NAME_BYTES = 64

/** Longest unique key, in bytes of UTF-8. */
export const KEY_BYTES = 256

const PAIRS_KEPT = 512

/** A channel and a type as they lie in a record: zero-padded bytes as words, lengths, and hashes to look them up by. */
export interface NamePair {
  readonly channel: string
  readonly type: string
  readonly words: Int32Array
  readonly channelLength: number
  readonly typeLength: number
  readonly hash: number
  readonly channelHash: number
  /** Whether payloads published under these names are worth trying as plain JSON. */
  readonly trial: Trial
}

function utf8(value: unknown, what: string, limit: number): Buffer {
  if (typeof value !== 'string' || value === '') {
    throw new WorkerEventsError('ERR_INVALID_NAME', `${what} must be a non-empty string, got ${shown(value)}`)
  }
  const bytes = Buffer.from(value, 'utf8')
  if (bytes.length > limit) {
    throw new WorkerEventsError(
      'ERR_INVALID_NAME',
      `${what} must be 1-${limit} bytes of UTF-8, got ${bytes.length} bytes`,
    )
  }
  if (bytes.toString('utf8') !== value) {
    throw new WorkerEventsError('ERR_INVALID_NAME', `${what} must be well-formed Unicode: it has a lone surrogate`)
  }
  return bytes
}

function nameBytes(value: unknown, what: string): Buffer {
  const bytes = utf8(value, what, NAME_BYTES)
  if (bytes.includes('*')) {
    throw new WorkerEventsError(
      'ERR_INVALID_NAME',
      `${what} ${shown(value)} must not contain "*": publish to a plain name`,
    )
  }
  return bytes
}

/** Checks a `unique` key and gives its bytes. The key itself never appears in the error. */
export function keyBytes(key: unknown): Buffer {
  if (typeof key !== 'string') {
    throw new WorkerEventsError(
      'ERR_INVALID_NAME',
      `unique must be a string of 1-${KEY_BYTES} bytes, got ${typeof key}`,
    )
  }
  return utf8(key, 'unique', KEY_BYTES)
}

/** FNV-1a, 32 bits. Only finds candidates: names are compared byte by byte before they count as equal. */
function hash(bytes: Uint8Array, seed: number): number {
  let value = seed
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193)
  return value | 0
}

/** Hash of a channel alone, for those who subscribe to the whole channel. */
export function channelHash(channel: string): number {
  return hash(Buffer.from(channel, 'utf8'), 0x811c9dc5)
}

/** Checks both names and encodes them. @throws {@link WorkerEventsError} `ERR_INVALID_NAME` */
export function encodePair(channel: string, type: string): NamePair {
  const channelBytes = nameBytes(channel, 'channel')
  const typeBytes = nameBytes(type, 'type')
  const bytes = new Uint8Array(2 * NAME_BYTES)
  bytes.set(channelBytes, 0)
  bytes.set(typeBytes, NAME_BYTES)
  const ofChannel = hash(channelBytes, 0x811c9dc5)
  return {
    channel,
    type,
    words: new Int32Array(bytes.buffer),
    channelLength: channelBytes.length,
    typeLength: typeBytes.length,
    hash: hash(typeBytes, Math.imul(ofChannel, 0x01000193)),
    channelHash: ofChannel,
    trial: new Trial(),
  }
}

/** The pairs a publisher used lately. */
export class NamePairs {
  #last: NamePair | undefined
  #size = 0
  readonly #channels = new Map<string, Map<string, NamePair>>()

  /** The encoded pair. @throws {@link WorkerEventsError} `ERR_INVALID_NAME` */
  pair(channel: string, type: string): NamePair {
    const last = this.#last
    if (last !== undefined && last.channel === channel && last.type === type) return last
    return (this.#last = this.#channels.get(channel)?.get(type) ?? this.#encode(channel, type))
  }

  #encode(channel: string, type: string): NamePair {
    const pair = encodePair(channel, type)
    if (this.#size === PAIRS_KEPT) {
      this.#channels.clear()
      this.#size = 0
    }
    let types = this.#channels.get(channel)
    if (types === undefined) this.#channels.set(channel, (types = new Map<string, NamePair>()))
    types.set(type, pair)
    this.#size++
    return pair
  }
}

/** A name, `*` (any), or a prefix that ends in `.*`. */
export interface Pattern {
  readonly text: string
  /** True if only the very name matches. */
  readonly exact: boolean
  matches(name: string): boolean
}

/**
 * Reads the channel or type of a subscription. `cache.*` matches `cache.invalidate` and `cache.a.b`, not `cache`.
 * @throws {@link WorkerEventsError} `ERR_INVALID_NAME`
 */
export function parsePattern(value: unknown, what: string): Pattern {
  const text = utf8(value, what, NAME_BYTES).toString('utf8')
  if (text === '*') return { text, exact: false, matches: () => true }
  const prefix = text.endsWith('.*') ? text.slice(0, -1) : ''
  if ((prefix || text).includes('*')) {
    throw new WorkerEventsError(
      'ERR_INVALID_NAME',
      `${what} ${shown(value)}: "*" stands alone or at the end as in "cache.*"`,
    )
  }
  if (prefix === '') return { text, exact: true, matches: (name) => name === text }
  return { text, exact: false, matches: (name) => name.startsWith(prefix) && name.length > prefix.length }
}
