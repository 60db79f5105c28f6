/** Writes values as plain JSON: the bytes that `JSON.stringify` would give, or a refusal. */
import { Char, DEEPEST, LONGEST, LONGEST_STRING } from './plain.js'

/** A billion: digits in front of it and behind it fit 32-bit integers. */
const BILLION = 1e9
const BILLION_DIGITS = 9

/** Room for whatever may be written after the last look at the length. */
const MARGIN = LONGEST_STRING + 64

export class PlainWriter {
  /** Bytes of the text that was written last. */
  length = 0
  /** The text, as words, the last of them filled up with what was there before. */
  readonly words = new Float64Array((LONGEST + MARGIN) / 8)
  readonly #bytes = new Uint8Array(this.words.buffer)
  #at = 0
  #isWriting = false

  /**
   * Writes a value; false if it is not plain. Getters of a refused value were called, and will be again by `JSON`.
   * @throws what a getter throws
   */
  write(value: unknown): boolean {
    // A getter may publish: the text in work must not be written over.
    if (this.#isWriting) return false
    this.#isWriting = true
    this.#at = 0
    try {
      if (!this.#value(value, 0) || this.#at > LONGEST) return false
    } finally {
      this.#isWriting = false
    }
    this.length = this.#at
    return true
  }

  #value(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return this.#string(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return this.#ascii(value ? 'true' : 'false')
      case 'object':
        if (value === null) return this.#ascii('null')
        return depth < DEEPEST && (Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth))
      default:
        return false
    }
  }

  #object(value: object, depth: number): boolean {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype || hasToJson(value)) return false
    let before: number = Char.OPEN_OBJECT
    for (const key in value) {
      // Somebody may have given `Object.prototype` a member that is enumerated.
      if (!Object.hasOwn(value, key)) return false
      const member = (value as Record<string, unknown>)[key]
      // What has no JSON is left out.
      if (member === undefined) continue
      this.#bytes[this.#at++] = before
      before = Char.COMMA
      if (!this.#string(key)) return false
      this.#bytes[this.#at++] = Char.COLON
      if (!this.#value(member, depth + 1)) return false
    }
    if (before === Char.OPEN_OBJECT) this.#bytes[this.#at++] = before
    this.#bytes[this.#at++] = Char.CLOSE_OBJECT
    return true
  }

  #array(value: readonly unknown[], depth: number): boolean {
    if (hasToJson(value)) return false
    // As it is now: getters of its elements may change it.
    const { length } = value
    this.#bytes[this.#at++] = Char.OPEN_ARRAY
    for (let index = 0; index < length; index++) {
      if (this.#at > LONGEST) return false
      if (index > 0) this.#bytes[this.#at++] = Char.COMMA
      if (!this.#value(value[index] ?? null, depth + 1)) return false
    }
    this.#bytes[this.#at++] = Char.CLOSE_ARRAY
    return true
  }

  #string(text: string): boolean {
    const bytes = this.#bytes
    const { length } = text
    let at = this.#at
    if (length > LONGEST_STRING || at > LONGEST) return false
    bytes[at++] = Char.QUOTE
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code < 0x20 || code > 0x7e || code === Char.QUOTE || code === Char.BACKSLASH) return false
      bytes[at++] = code
    }
    bytes[at++] = Char.QUOTE
    this.#at = at
    return true
  }

  #number(value: number): boolean {
    if (!Number.isFinite(value)) return this.#ascii('null')
    const size = Math.abs(value)
    // As it would be in JSON, but dearly. Zero has no sign there.
    if (size >= BILLION * 1e6 || size !== Math.floor(size)) return this.#ascii(String(value))
    if (this.#at > LONGEST) return false
    if (value < 0) this.#bytes[this.#at++] = Char.MINUS
    if (size < BILLION) {
      this.#digits(size | 0, digitsOf(size))
      return true
    }
    const billions = Math.floor(size / BILLION)
    this.#digits(billions | 0, digitsOf(billions))
    this.#digits((size - billions * BILLION) | 0, BILLION_DIGITS)
    return true
  }

  #digits(value: number, length: number): void {
    const start = this.#at
    let rest = value
    for (let at = start + length - 1; at >= start; at--) {
      const tens = (rest / 10) | 0
      this.#bytes[at] = Char.ZERO + rest - tens * 10
      rest = tens
    }
    this.#at = start + length
  }

  #ascii(text: string): boolean {
    if (this.#at > LONGEST) return false
    for (let index = 0; index < text.length; index++) this.#bytes[this.#at++] = text.charCodeAt(index)
    return true
  }
}

function hasToJson(value: object): boolean {
  return (value as { toJSON?: unknown }).toJSON !== undefined
}

/** Decimal digits of an integer below a billion. */
function digitsOf(value: number): number {
  if (value < 1e5) return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 1e4 ? 4 : 5
  return value < 1e6 ? 6 : value < 1e7 ? 7 : value < 1e8 ? 8 : BILLION_DIGITS
}
