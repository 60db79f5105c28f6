/** Payloads: JSON values under the rules of `JSON.stringify`, bytes as bytes, and nothing else. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { COLD } from '../../src/json/plain.js'
import { coded, publishMany, recordAll, thrownBy } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('a JSON payload', (subject) => {
  it.each([
    ['an object', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ['an array', [1, 'two', false], [1, 'two', false]],
    ['null', null, null],
    ['false', false, false],
    ['zero', 0, 0],
    ['a string', 'text', 'text'],
    ['an empty string', '', ''],
    ['text that is not ASCII', 'żółć 🚌 \u2028', 'żółć 🚌 \u2028'],
    ['a lone surrogate', 'a\ud800', 'a\ud800'],
    ['a quote and a control character', '"\u0000\n', '"\u0000\n'],
    ['not a number, which JSON has as null', NaN, null],
    ['infinity, which JSON has as null', [Infinity], [null]],
    ['a member that is undefined, which JSON leaves out', { a: undefined, b: 1 }, { b: 1 }],
    ['an element that is a function, which JSON has as null', [() => 1], [null]],
    ['a date, by its toJSON', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a map, which JSON has as an empty object', new Map([[1, 2]]), {}],
    ['an object whose toJSON says something else', { toJSON: () => 'else' }, 'else'],
    ['an object that holds bytes, which JSON has as an object', { b: new Uint8Array([7]) }, { b: { 0: 7 } }],
  ])('may be %s', (_, published, arrived) => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't', published)
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toStrictEqual([arrived])
  })

  it('may be absent, which is not null', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't')
    bus.publish('c', 't', undefined)
    bus.publish('c', 't', null)
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual([undefined, undefined, null])
  })

  it.each([
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['a BigInt', 1n, 'BigInt'],
    ['a BigInt deep inside', { a: [{ b: 1n }] }, 'BigInt'],
    ['a cycle', cycle(), 'circular'],
    ['an object whose toJSON gives undefined', { toJSON: () => undefined }, 'object'],
  ])('may not be %s, which takes no generation', (_, payload, part) => {
    const bus = subject.open()
    const seen = recordAll(bus)
    expect(() => bus.publish('c', 't', payload)).toThrow(coded('ERR_NOT_SERIALIZABLE', part, 'publish a JSON value'))
    expect(bus.publish('c', 't', 'next')).toBe(1)
    bus.poll()
    expect(seen).toHaveLength(1)
  })

  it('whose toJSON throws is refused, with what it threw as the cause', () => {
    const bus = subject.open()
    const cause = new RangeError('from toJSON')
    const payload = {
      toJSON() {
        throw cause
      },
    }
    const error = thrownBy(() => bus.publish('c', 't', payload))
    expect(error).toEqual(coded('ERR_NOT_SERIALIZABLE', 'toJSON'))
    expect(error.cause).toBe(cause)
    expect(error.message).not.toContain('from toJSON')
  })

  it('does not take a unique key when it is refused', () => {
    const bus = subject.open()
    expect(() => bus.publish('c', 't', 1n, { unique: 'k' })).toThrow(coded('ERR_NOT_SERIALIZABLE'))
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(1)
  })

  it('may publish from its toJSON, and both events arrive whole', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const payload = {
      toJSON() {
        bus.publish('inner', 't', 'x'.repeat(70))
        return 'y'.repeat(70)
      },
    }
    bus.publish('outer', 't', payload)
    bus.poll()
    expect(seen.map((event) => [event.channel, event.payload])).toEqual([
      ['inner', 'x'.repeat(70)],
      ['outer', 'y'.repeat(70)],
    ])
  })

  it('of any kind arrives as JSON has it, over as many entries as it needs', () => {
    const bus = subject.open({ ringSize: 64 })
    const seen = recordAll(bus)
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 3, noUnicodeString: false }),
      fc.string({ unit: 'binary', maxLength: 900 }),
    )
    fc.assert(
      fc.property(values, (value) => {
        bus.publish('c', 't', value)
        bus.poll()
        expect(seen.pop()?.payload).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

function cycle(): object {
  const payload: { self?: object } = {}
  payload.self = payload
  return payload
}

describeOnBothRegions('a payload of bytes', (subject) => {
  it('arrives as a Uint8Array of its own, whatever kind of Uint8Array was published', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const bytes = new Uint8Array([0, 255, 128, 10])
    bus.publish('c', 't', bytes)
    bus.publish('c', 't', Buffer.from(bytes))
    bus.publish('c', 't', new Uint8Array(new SharedArrayBuffer(4)))
    bus.publish('c', 't', new Uint8Array(0))
    bytes.fill(9)
    bus.poll()
    const payloads = seen.map(({ payload }) => payload as Uint8Array)
    expect(payloads.map((payload) => Object.prototype.toString.call(payload))).toEqual(
      Array(4).fill('[object Uint8Array]'),
    )
    expect(payloads.map((payload) => Buffer.isBuffer(payload))).toEqual(Array(4).fill(false))
    expect(payloads.map((payload) => [...payload])).toEqual([[0, 255, 128, 10], [0, 255, 128, 10], [0, 0, 0, 0], []])
  })

  it('stays what it was when later events pass', () => {
    const bus = subject.open({ ringSize: 4 })
    const seen = recordAll(bus)
    bus.publish('c', 't', new Uint8Array(60).fill(1))
    bus.poll()
    for (let count = 2; count < 12; count++) {
      bus.publish('c', 't', new Uint8Array(60).fill(count))
      bus.poll()
    }
    expect(seen.map(({ payload }) => new Set(payload as Uint8Array))).toEqual(
      Array.from({ length: 11 }, (_, index) => new Set([index + 1])),
    )
  })

  it('of any length and content arrives unchanged, with a key and without', () => {
    const bus = subject.open({ ringSize: 32, uniqueKeys: 512 })
    const seen = recordAll(bus)
    const bytes = fc.uint8Array({ maxLength: bus.maxPayload - 256, size: 'max' })
    const keys = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), { nil: undefined })
    fc.assert(
      fc.property(bytes, keys, (payload, unique) => {
        const generation = bus.publish('c', 't', payload, unique === undefined ? {} : { unique })
        bus.poll()
        fc.pre(generation > 0)
        const event = seen.pop()
        expect(event?.payload).toEqual(payload)
        expect(event?.unique).toBe(unique)
      }),
    )
  })
})

describeOnBothRegions('a payload that comes after so many others that it may be written without JSON', (subject) => {
  const text = fc.oneof(fc.stringMatching(/^[ -~]{0,100}$/), fc.string({ maxLength: 9 }))
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger())
  const flat = fc.dictionary(text, fc.oneof(text, number, fc.boolean(), fc.constant(null)), { noNullPrototype: true })
  const key = fc.option(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }), { nil: undefined })

  it.each([1, 8, 33, 512])(
    'is what JSON makes of it, in entries of %d bytes, with a key or without',
    (entryPayload) => {
      const bus = subject.open({ ringSize: 40, entryPayload, uniqueKeys: 4096, uniqueTimeout: 1 })
      for (let count = 0; count < COLD; count += 20) {
        publishMany(bus, 20)
        bus.poll()
      }
      const seen = recordAll(bus)
      fc.assert(
        fc.property(fc.oneof(flat, fc.array(flat, { maxLength: 3 }), text, fc.jsonValue()), key, (payload, unique) => {
          if (Buffer.byteLength(JSON.stringify(payload)) + 20 > bus.maxPayload) return
          if (bus.publish('c', 't', payload, unique === undefined ? undefined : { unique }) === 0) return
          bus.poll()
          expect(seen.pop()?.payload).toStrictEqual(JSON.parse(JSON.stringify(payload)))
          const { events } = bus.inspect({ channel: 'c' })
          expect(events.at(-1)?.payload).toStrictEqual(JSON.parse(JSON.stringify(payload)))
        }),
        { numRuns: 400 },
      )
    },
  )
})
