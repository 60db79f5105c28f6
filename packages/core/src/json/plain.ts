/**
 * Plain JSON: texts that are written and read here, without `JSON`, at half its price.
 *
 * What most events carry is small and of few shapes: objects and arrays of short strings, numbers and words, all of it
 * ASCII. `JSON.stringify` gives such a text as a rope that an encoder has to flatten, `JSON.parse` needs it as a string;
 * a writer that puts characters straight into bytes, and a reader that knows which keys came last time, need neither.
 *
 * The text is the very same, byte for byte, and so is the value: whatever is not plain (a class, an escape, a long string,
 * a key that `Object.prototype` has) is left to `JSON` itself. So either side may be the other program, and nobody can
 * tell who wrote a text or who read it.
 */

/** Most bytes of a plain text: what is longer is faster in native code. */
export const LONGEST = 512

/** Most characters of a string in it, for the same reason. */
export const LONGEST_STRING = 96

/** How deep objects and arrays may lie in one another; a cycle ends here too. */
export const DEEPEST = 8

export const Char = {
  QUOTE: 0x22,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  ZERO: 0x30,
  NINE: 0x39,
  COLON: 0x3a,
  BACKSLASH: 0x5c,
  OPEN_ARRAY: 0x5b,
  CLOSE_ARRAY: 0x5d,
  OPEN_OBJECT: 0x7b,
  CLOSE_OBJECT: 0x7d,
} as const

/**
 * So many payloads a process leaves to `JSON` on either side before it begins: what runs for each character is soon compiled,
 * which brings 3.5 MB of compiler into memory, and is not worth it for a few.
 */
export const COLD = 256

/** So many payloads go straight to `JSON` after one that turned out not to be plain. */
const PAUSE = 32

/** Whether to try: what a name pair carries is mostly all plain, or all not. */
export class Trial {
  #pause = 0

  /** True if an attempt is worth it; to be asked once for each payload. */
  attempt(): boolean {
    if (this.#pause === 0) return true
    this.#pause--
    return false
  }

  failed(): void {
    this.#pause = PAUSE
  }
}
