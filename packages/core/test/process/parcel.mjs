/** A worker that sends large payloads between small ones, and says of each that it received whether it is intact. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { WorkerEvents } from '../../bundle/index.js'
import { obey } from './orders.mjs'
import { randomFrom } from './random.mjs'

const LARGE = 100_000
let bus
const received = []
const missed = []

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex')
}

/** Content of so many bytes, no two alike: ASCII, two-byte letters, or bytes. */
function contentOf(kind, bytes, random) {
  if (kind === 'bytes') return Buffer.from(Float64Array.from({ length: bytes / 8 }, random).buffer)
  const [first, width] = kind === 'ascii' ? [32, 1] : [0xa1, 2]
  const codes = Array.from({ length: bytes / width }, () => first + Math.floor(random() * 90))
  return String.fromCharCode(...codes)
}

/** The type names the hash, so that no payload need be wrapped. */
function unpack(payload, { generation, worker, channel, type }) {
  const isIntact = type === hashOf(payload)
  received.push({ generation, worker, bytes: Buffer.byteLength(payload), kind: channel, isIntact })
}

obey({
  open(options) {
    bus = WorkerEvents.open({ zone: 'fleet', lifecycle: false, onMissed: (gap) => missed.push(gap), ...options })
    bus.subscribe('*', unpack)
    return { worker: bus.worker, maxPayload: bus.maxPayload }
  },
  /** Sends large payloads, each before and after small ones, as fast as the others read; returns their generations. */
  async send(rounds) {
    const random = randomFrom(bus.worker)
    const generations = []
    for (let round = 0; round < rounds; round++) {
      for (const bytes of [8, LARGE, 80, LARGE, 8]) {
        const kind = ['ascii', 'two', 'bytes'][generations.length % 3]
        const content = contentOf(kind, bytes, random)
        await bus.drained({ below: 300 })
        generations.push(bus.publish(kind, hashOf(content), content))
      }
    }
    return generations
  },
  drained: () => bus.drained(),
  report: () => ({ received, missed }),
})
