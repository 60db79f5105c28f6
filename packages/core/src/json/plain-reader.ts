/**
 * Reads plain JSON from bytes: the value that `JSON.parse` would give of their text, or a refusal.
 *
 * It expects what came the last time: behind each key the key that followed it, and under it the string that it had. A
 * string that is as expected costs a comparison, and no memory.
 */
import { Char, DEEPEST, LONGEST_STRING, Trial } from './plain.js'

/** What is read from: bytes of ASCII, and Node's way to make a string of them. */
export interface AsciiBytes extends Uint8Array {
  latin1Slice(start: number, end: number): string
}

/** So many keys a shape knows at most; a payload whose keys are ever new ones is left to `JSON`. */
const MOST_KEYS = 64

/** Integers of so many digits are exact, and there is no rounding in adding up their digits. */
const EXACT_DIGITS = 15

const DIGITS_AND_FRACTION = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A key, or the place of an element: what stood there the last time, and what followed. */
class Expected {
  /** The key behind this one. */
  next: Expected | undefined
  /** The first key, or the elements, of the value here. */
  inner: Expected | undefined
  text = ''

  constructor(readonly key: string) {}
}

/** What the payloads of one name pair looked like so far. */
export class Shape {
  readonly trial = new Trial()
  readonly root = new Expected('')
  readonly #keys = new Map<string, Expected>()

  /** What is expected at a key; `undefined` if it is not to be read here. */
  at(key: string): Expected | undefined {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    // Assigning one that `Object.prototype` has could call a setter there, or fail.
    if (this.#keys.size === MOST_KEYS || key in Object.prototype) return undefined
    const expected = new Expected(key)
    this.#keys.set(key, expected)
    return expected
  }
}

const nothing = new Uint8Array(0) as AsciiBytes
nothing.latin1Slice = () => ''

export class PlainReader {
  #bytes = nothing
  #at = 0
  #shape = new Shape()

  /** Reads the text of so many bytes, with a zero behind them; `undefined` if it is not plain JSON and nothing else. */
  read(bytes: AsciiBytes, length: number, shape: Shape): unknown {
    this.#bytes = bytes
    this.#at = 0
    this.#shape = shape
    try {
      const value = this.#value(shape.root, 0)
      return this.#at === length ? value : undefined
    } catch {
      // Somebody has made a member of every object that cannot be assigned to.
      return undefined
    }
  }

  #value(expected: Expected, depth: number): unknown {
    const code = this.#bytes[this.#at]
    if (code === Char.QUOTE) return this.#string(expected)
    if (code === Char.OPEN_OBJECT) return depth < DEEPEST ? this.#object(expected, depth + 1) : undefined
    if (code === Char.OPEN_ARRAY) return depth < DEEPEST ? this.#array(expected, depth + 1) : undefined
    return code <= Char.NINE ? this.#number() : this.#word()
  }

  #object(outer: Expected, depth: number): unknown {
    const object: Record<string, unknown> = {}
    if (this.#bytes[this.#at + 1] === Char.CLOSE_OBJECT) {
      this.#at += 2
      return object
    }
    let expected = (outer.inner = this.#key(outer.inner))
    for (;;) {
      if (expected === undefined || this.#bytes[this.#at++] !== Char.COLON) return undefined
      const value = this.#value(expected, depth)
      if (value === undefined) return undefined
      object[expected.key] = value
      const code = this.#bytes[this.#at]
      if (code === Char.COMMA) expected = expected.next = this.#key(expected.next)
      else if (code !== Char.CLOSE_OBJECT) return undefined
      else break
    }
    this.#at++
    return object
  }

  /** A key, from the character before it on. */
  #key(expected: Expected | undefined): Expected | undefined {
    if (this.#bytes[++this.#at] !== Char.QUOTE) return undefined
    const start = this.#at + 1
    if (expected !== undefined && this.#stands(expected.key, start)) {
      this.#at = start + expected.key.length + 1
      return expected
    }
    const end = this.#endOfString(start)
    if (end < 0) return undefined
    this.#at = end + 1
    return this.#shape.at(this.#bytes.latin1Slice(start, end))
  }

  #array(outer: Expected, depth: number): unknown {
    const array: unknown[] = []
    if (this.#bytes[++this.#at] === Char.CLOSE_ARRAY) {
      this.#at++
      return array
    }
    const expected = (outer.inner ??= new Expected(''))
    for (;;) {
      const value = this.#value(expected, depth)
      if (value === undefined) return undefined
      array.push(value)
      const code = this.#bytes[this.#at++]
      if (code === Char.CLOSE_ARRAY) return array
      if (code !== Char.COMMA) return undefined
    }
  }

  #string(expected: Expected): string | undefined {
    const start = this.#at + 1
    if (this.#stands(expected.text, start)) {
      this.#at = start + expected.text.length + 1
      return expected.text
    }
    const end = this.#endOfString(start)
    if (end < 0) return undefined
    this.#at = end + 1
    return (expected.text = this.#bytes.latin1Slice(start, end))
  }

  /** True if the text stands there, with a quote behind it. */
  #stands(text: string, start: number): boolean {
    const bytes = this.#bytes
    const { length } = text
    for (let index = 0; index < length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false
    return bytes[start + length] === Char.QUOTE
  }

  /** Where the closing quote of a string without escapes stands; negative if it is another, or long. */
  #endOfString(start: number): number {
    const bytes = this.#bytes
    const last = start + LONGEST_STRING
    for (let at = start; at <= last; at++) {
      const code = bytes[at]
      if (code === Char.QUOTE) return at
      if (code === Char.BACKSLASH || code < 0x20) return -1
    }
    return -1
  }

  #number(): number | undefined {
    const bytes = this.#bytes
    const start = this.#at
    const isNegative = bytes[start] === Char.MINUS
    const first = isNegative ? start + 1 : start
    let at = first
    let value = 0
    for (; bytes[at] >= Char.ZERO && bytes[at] <= Char.NINE; at++) value = value * 10 + bytes[at] - Char.ZERO
    const code = bytes[at]
    const length = at - first
    // An exponent, a fraction, a zero in front of others, or more than is exact.
    if ((code | 0x20) === 0x65 || code === Char.DOT || length > EXACT_DIGITS) return this.#otherNumber()
    if (length === 0 || (length > 1 && bytes[first] === Char.ZERO)) return undefined
    this.#at = at
    return isNegative ? -value : value
  }

  #otherNumber(): number | undefined {
    const start = this.#at
    let end = start
    while (!isEndOfNumber(this.#bytes[end])) end++
    const text = this.#bytes.latin1Slice(start, end)
    if (!DIGITS_AND_FRACTION.test(text)) return undefined
    this.#at = end
    return Number(text)
  }

  #word(): unknown {
    const start = this.#at
    if (this.#reads('true')) return true
    if (this.#reads('false')) return false
    if (this.#reads('null')) return null
    this.#at = start
    return undefined
  }

  #reads(word: string): boolean {
    for (let index = 0; index < word.length; index++) {
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) return false
    }
    this.#at += word.length
    return true
  }
}

/** Zero is what stands behind a text. */
function isEndOfNumber(code: number | undefined): boolean {
  return !code || code === Char.COMMA || code === Char.CLOSE_OBJECT || code === Char.CLOSE_ARRAY
}
