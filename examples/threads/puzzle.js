// The puzzle: work that takes a processor a while, and whose result is easy to check.

import { createHash } from 'node:crypto'

/** True if the SHA-256 of the text and the number, in hexadecimal digits, begins with the zeros. */
export function isSolution({ text, zeros }, n) {
  return createHash('sha256').update(`${text} ${n}`).digest('hex').startsWith(zeros)
}
