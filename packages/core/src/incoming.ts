/** From an entry as it was read to the event that handlers get. */
import type { WorkerEvent } from './event.js'
import { COLD } from './json/plain.js'
import { PlainReader } from './json/plain-reader.js'
import { Encoding, parse } from './payload.js'
import type { Zone } from './region/zone.js'
import type { Entry } from './ring/entry.js'

/** One for all: it reads a payload in one go, and calls nobody meanwhile. */
const plain = new PlainReader()
let cold = COLD

/** The payload of an entry. @throws {@link WorkerEventsError} `ERR_INVALID_PAYLOAD` */
export function payloadOf(entry: Entry): unknown {
  if (entry.encoding === Encoding.NONE) return undefined
  if (entry.encoding === Encoding.BYTES) return entry.bytes
  if (cold > 0) {
    cold--
    return parse(entry.text)
  }
  const shape = entry.named?.shape
  if (entry.length > 0 && shape?.trial.attempt() === true) {
    const payload = plain.read(entry.ascii, entry.length, shape)
    if (payload !== undefined) return payload
    shape.trial.failed()
  }
  return parse(entry.text)
}

/** The event of an entry, frozen. Two shapes, so that an event without a key has no member for it. */
export function eventFrom(entry: Entry, zone: Zone, payload: unknown): WorkerEvent {
  const { channel, type, timestamp, pid, worker, key } = entry
  const generation = zone.publicOf(entry.generation)
  if (key === undefined) {
    return Object.freeze({ channel, type, payload, generation, timestamp, pid, worker, local: false })
  }
  return Object.freeze({ channel, type, payload, generation, timestamp, pid, worker, unique: key, local: false })
}
