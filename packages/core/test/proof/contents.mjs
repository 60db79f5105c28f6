/** Contents that prove themselves: what a payload must be follows from the type of its event, from one byte up. */
import { Buffer } from 'node:buffer'
import { randomFrom } from '../process/random.mjs'

const LONG = 1 << 17
const TEXTS = { a: textOf('abcdefghijklmnopqrstuvwxyz0123456789'), u: textOf('abcdefghijäöüßéè€漢字') }
const TYPE = /^(\d+)\.(\d+)\.([abu])(\d+)$/

/** Text without period. */
function textOf(alphabet) {
  const random = randomFrom(alphabet.length)
  return Array.from({ length: LONG }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
}

/** Type of an event: who published it, as which of its events, of what kind (ASCII, bytes, Unicode) and length. */
export function typeOf(publisher, counter, kind, length) {
  return `${publisher}.${counter}.${kind}${length}`
}

/** What a type says; `undefined` if it is none of these. */
export function read(type) {
  const parts = TYPE.exec(type)
  if (parts === null) return undefined
  return { publisher: Number(parts[1]), counter: Number(parts[2]), kind: parts[3], length: Number(parts[4]) }
}

/** The payload that belongs to a type. */
export function payloadFor({ publisher, counter, kind, length }) {
  const text = TEXTS[kind === 'b' ? 'a' : kind]
  const start = Math.imul(publisher * 4099 + counter, 0x9e3779b1) >>> 0
  const at = start % (LONG - length)
  const slice = text.slice(at, at + length)
  return kind === 'b' ? Buffer.from(slice, 'latin1') : slice
}

/** What a whole event says; `undefined` if its payload is not the one of its type. */
export function proven(payload, { type }) {
  const claim = read(type)
  if (claim === undefined) return undefined
  const expected = payloadFor(claim)
  if (claim.kind !== 'b') return payload === expected ? claim : undefined
  return payload instanceof Uint8Array && expected.equals(payload) ? claim : undefined
}
