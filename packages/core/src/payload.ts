/**
 * Payloads on their way into a record and out of it.
 *
 * A payload is one of four encodings. Text whose characters all are ASCII has a mark of its own, because its bytes are
 * its characters: a reader may take it straight from shared memory in one plain copy, where a UTF-8 decoder, which
 * measures first and fills afterwards, must never look at bytes that can still change.
 */
import { isUint8Array } from 'node:util/types'
import { WorkerEventsError } from './errors.js'
import { COLD, type Trial } from './json/plain.js'
import { PlainWriter } from './json/plain-writer.js'

/** What travels: JSON text (as a string, or in the bytes of a {@link PlainWriter}), bytes, or no payload. */
export type Body = string | PlainWriter | Uint8Array | undefined

/** How the bytes of a payload are to be read. */
export const Encoding = { NONE: 0, ASCII: 1, UTF8: 2, BYTES: 3 } as const

/**
 * Short texts on their way into memory. `encodeInto` is the fastest encoder there is, but writes at the start of an
 * array only, so it writes to one beside, from which words are copied: cheaper than `utf8Write` right where they belong.
 */
export class ShortText {
  /** Most characters of a text that this pays for. */
  static readonly LONGEST = 344
  readonly #encoder = new TextEncoder()
  readonly #bytes = new Uint8Array(3 * ShortText.LONGEST)
  readonly #words = new Float64Array(this.#bytes.buffer)

  /** Writes a text at a word, rounded up to whole words; returns its bytes. */
  write(text: string, to: Float64Array, at: number): number {
    const words = this.#words
    const length = this.#encoder.encodeInto(text, this.#bytes).written
    // No eight bytes of UTF-8 are a NaN, the one double whose bits a copy may change.
    for (let index = 0; index * 8 < length; index++) to[at + index] = words[index]
    return length
  }
}

/** Unlike its declaration says, there is no JSON for a function or a symbol. */
const stringify = (value: unknown): string | undefined => JSON.stringify(value)

const CIRCULAR_OR_BIGINT = /^(Converting circular|Do not know how to serialize a BigInt)/

const UNREADABLE = 'circular, holds a BigInt, or has a toJSON that throws'

/** Serialises for one publisher, in memory of its own where it can. */
export class Serializer {
  readonly #plain = new PlainWriter()
  #cold = COLD

  /**
   * The payload as what travels; a plain one lies here until the next call.
   * @throws {@link WorkerEventsError} as {@link serialize}
   */
  serialize(payload: unknown, trial: Trial): Body {
    if (payload === undefined || isUint8Array(payload)) return serialize(payload)
    if (this.#cold > 0) this.#cold--
    if (this.#cold > 0 || !trial.attempt()) return serialize(payload)
    if (this.#isPlain(payload)) return this.#plain
    trial.failed()
    return serialize(payload)
  }

  #isPlain(payload: unknown): boolean {
    try {
      return this.#plain.write(payload)
    } catch (error) {
      throw notSerializable(UNREADABLE, error)
    }
  }
}

/**
 * The payload as what travels: `undefined` for none, JSON text, or bytes.
 * @throws {@link WorkerEventsError} `ERR_NOT_SERIALIZABLE`; `cause` is what a `toJSON` of the payload threw
 */
export function serialize(payload: unknown): string | Uint8Array | undefined {
  if (payload === undefined) return undefined
  if (isUint8Array(payload)) return bytesOf(payload)
  let text: string | undefined
  try {
    text = stringify(payload)
  } catch (error) {
    // V8's own message names properties of the payload, so only a foreign error is passed on.
    const own = error instanceof TypeError && CIRCULAR_OR_BIGINT.test(error.message)
    throw notSerializable(UNREADABLE, own ? undefined : error)
  }
  if (text === undefined) throw notSerializable(`a ${typeof payload}`)
  return text
}

/** A copy by the true length: a subclass may claim another, and writing by that would run into other entries. */
function bytesOf(payload: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(payload)
  } catch {
    throw notSerializable('a Uint8Array whose memory was transferred')
  }
}

function notSerializable(what: string, cause?: unknown): WorkerEventsError {
  const message = `the payload has no JSON (${what}): publish a JSON value, a Uint8Array or nothing`
  return new WorkerEventsError('ERR_NOT_SERIALIZABLE', message, cause === undefined ? undefined : { cause })
}

/**
 * JSON text back to its value.
 * @throws {@link WorkerEventsError} `ERR_INVALID_PAYLOAD`, without V8's message, which quotes the text
 */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WorkerEventsError('ERR_INVALID_PAYLOAD', 'the payload in the ring is not JSON: another program wrote it')
  }
}
