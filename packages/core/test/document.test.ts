// The zone and its events as JSON documents: bytes that clients of the nginx module and scripts depend on.

import { storedEventDocument, zoneDocument } from '../src/document.js'
import type { StoredEvent } from '../src/snapshot.js'

const event = { channel: 'cache', type: 'a "quoted" type', generation: 7, timestamp: 1763740800000, pid: 42, worker: 3 }

function stored(body: StoredEvent['body'], unique?: string): string {
  return storedEventDocument({ ...event, unique, body })
}

const start = '{"generation":7,"type":"a \\"quoted\\" type","payload":'
const end = ',"channel":"cache","created_at_msec":1763740800000,"pid":42'

describe('an event as a JSON document', () => {
  it.each([
    ['an object', { tag: 'a' }, '{"tag":"a"}'],
    ['text', 'line\nbreak', '"line\\nbreak"'],
    ['null', null, 'null'],
    ['no payload', undefined, '""'],
  ])('has the keys of the nginx module first, and the payload as it was published: %s', (_, payload, text) => {
    expect(stored(JSON.stringify(payload))).toBe(`${start}${text}${end}}`)
  })

  it('has bytes as base64 and says so, those of a part of a buffer too', () => {
    const bytes = Uint8Array.of(9, 0, 255, 9).subarray(1, 3)
    const expected = `${start}"AP8="${end},"payload_encoding":"base64"}`
    expect(stored(bytes)).toBe(expected)
  })

  it('passes stored JSON on digit for digit', () => {
    expect(stored('[12345678901234567890,1e400]')).toContain('"payload":[12345678901234567890,1e400],')
  })

  it('does not show the key of a unique event', () => {
    expect(stored('1', 'secret')).not.toContain('secret')
  })
})

describe('a zone as a JSON document', () => {
  it('has the keys of the nginx module in their order, and what is added behind them', () => {
    const counters = { capacity: 8, oldestGeneration: 2, newestGeneration: 9, droppedEvents: 1, lastPublish: 5 }
    const worker = { id: 0, pid: 42, thread: 1, cursor: 8, lag: 1, missed: 2, startedAt: 4 }
    const events = [1, 2].map((body) => ({ ...event, unique: undefined, body: String(body) }))
    expect(zoneDocument({ zone: 'bus', epoch: 'E', ...counters, events, workers: [worker] }, 'cache')).toBe(
      '{"module":"worker_events","zone":"bus","channel":"cache","capacity":8,"oldest_generation":2,' +
        '"newest_generation":9,"dropped_events":1,"last_publish_msec":5,' +
        `"events":[${start}1${end}},${start}2${end}}],` +
        '"workers":[{"id":0,"pid":42,"thread":1,"cursor":8,"lag":1,"missed":2,"started_at_msec":4}],"epoch":"E"}',
    )
  })

  it('has empty lists where there are no events and no workers', () => {
    const none = { capacity: 8, oldestGeneration: 0, newestGeneration: 0, droppedEvents: 0, lastPublish: 0 }
    const text = zoneDocument({ zone: 'bus', epoch: 'E', ...none, events: [], workers: [] }, '')
    expect(text).toContain('"last_publish_msec":0,"events":[],"workers":[],"epoch":"E"}')
  })
})
