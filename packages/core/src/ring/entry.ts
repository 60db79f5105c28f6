/** An entry as it was taken out of the ring, and the names that it was wanted under. */
import { Buffer } from 'node:buffer'
import { LONGEST as LONGEST_PLAIN } from '../json/plain.js'
import type { Shape } from '../json/plain-reader.js'
import { Encoding } from '../payload.js'
import type { RawBuffer } from '../region/zone.js'

/** Names under which an entry is wanted. */
export interface Named {
  readonly channel: string
  readonly type: string
  /** What payloads under these names look like, for those who read many of them. */
  readonly shape?: Shape
}

/** An entry as it was taken; an object that is filled anew. */
export class Entry {
  generation = 0
  timestamp = 0
  pid = 0
  worker = 0
  slot = 0
  channel = ''
  type = ''
  encoding: number = Encoding.NONE
  /** Bytes of a text that lies in {@link Entry.ascii}; 0 if it does not. */
  length = 0
  /** A short text of ASCII, and a zero. */
  readonly ascii = Buffer.alloc(LONGEST_PLAIN + 8) as Buffer as RawBuffer
  readonly #words = new Float64Array(this.ascii.buffer, this.ascii.byteOffset, this.ascii.length / 8)
  #text = ''
  /** A copy of its own, if the encoding is bytes. */
  bytes: Uint8Array | undefined
  key: string | undefined
  /** What {@link Interests} found. */
  named: Named | undefined

  /** JSON text, if the encoding is one of text. */
  get text(): string {
    return this.length === 0 ? this.#text : this.ascii.latin1Slice(0, this.length)
  }

  set text(text: string) {
    this.#text = text
    this.length = 0
  }

  /** Takes a short text of ASCII out of the ring: words may tear, but then they are not used. */
  takeAscii(from: Float64Array, at: number, length: number): void {
    const count = (length + 7) >>> 3
    for (let index = 0; index < count; index++) this.#words[index] = from[at + index]
    this.ascii[length] = 0
    this.length = length
  }
}
