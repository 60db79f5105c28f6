/** Fills the body of a record, key and payload, in slots that the writer holds. */
import { Buffer } from 'node:buffer'
import { PlainWriter } from '../json/plain-writer.js'
import { Field } from '../layout.js'
import { type Body, Encoding, ShortText } from '../payload.js'
import type { Zone } from '../region/zone.js'

export class Filler {
  readonly #zone: Zone
  readonly #shortText = new ShortText()

  constructor(zone: Zone) {
    this.#zone = zone
  }

  /** Writes a payload to where it begins, and its length into the record; returns its encoding. */
  fill(at: number, start: number, body: Body): number {
    let length = 0
    let encoding: number = Encoding.NONE
    if (body instanceof PlainWriter) {
      length = this.#fillPlain(start, body)
      encoding = Encoding.ASCII
    } else if (typeof body === 'string') {
      length = this.#fillText(start, body)
      encoding = length === body.length ? Encoding.ASCII : Encoding.UTF8
    } else if (body !== undefined) {
      length = this.copy(body, start)
      encoding = Encoding.BYTES
    }
    this.#zone.i32[(at + Field.length) >>> 2] = length
    return encoding
  }

  #fillPlain(start: number, { words, length }: PlainWriter): number {
    const { f64, geometry } = this.#zone
    const count = (length + 7) >>> 3
    // Behind a key, and where an event runs over the wrap, bytes do not lie as words.
    if ((start & 7) !== 0 || start + count * 8 > geometry.bytes) {
      return this.copy(new Uint8Array(words.buffer, 0, length), start)
    }
    const at = start >>> 3
    // No eight bytes of ASCII are a NaN, the one double whose bits a copy may change.
    for (let index = 0; index < count; index++) f64[at + index] = words[index]
    return length
  }

  #fillText(start: number, text: string): number {
    const { bytes, f64, geometry } = this.#zone
    const fits = start + text.length * 3 <= geometry.bytes
    if (fits && (start & 7) === 0 && text.length <= ShortText.LONGEST)
      return this.#shortText.write(text, f64, start >>> 3)
    // Straight into the slot; only what may not fit before the wrap takes a copy first.
    return fits ? bytes.utf8Write(text, start, text.length * 3) : this.copy(Buffer.from(text), start)
  }

  /** Copies bytes to where they belong, in two parts at the wrap; returns how many. */
  copy(source: Uint8Array, start: number): number {
    const { bytes, geometry } = this.#zone
    const from = geometry.wrapped(start)
    const first = Math.min(source.length, geometry.bytes - from)
    bytes.set(first === source.length ? source : source.subarray(0, first), from)
    if (first < source.length) bytes.set(source.subarray(first), geometry.recordsAt)
    return source.length
  }
}
