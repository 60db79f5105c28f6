/** Plain JSON: whatever is written or read without `JSON` is what `JSON` would have made of it, and the rest is refused. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { DEEPEST, LONGEST, LONGEST_STRING, Trial } from '../../src/json/plain.js'
import { type AsciiBytes, PlainReader, Shape } from '../../src/json/plain-reader.js'
import { PlainWriter } from '../../src/json/plain-writer.js'

const RUNS = { numRuns: 3000 }
const writer = new PlainWriter()
const reader = new PlainReader()

/** What a writer makes of a value; `undefined` if it refuses. */
function written(value: unknown): string | undefined {
  if (!writer.write(value)) return undefined
  return Buffer.from(writer.words.buffer, 0, writer.length).toString('latin1')
}

/** What a reader makes of a text; `undefined` if it refuses. Behind the text lies what was there before. */
function read(text: string, shape = new Shape()): unknown {
  const bytes = Buffer.from(`${text}\0"},1]`, 'latin1') as Buffer & AsciiBytes
  return reader.read(bytes, text.length, shape)
}

const event = { from: 1, seq: 17, at: 1763740800000, tag: 'tag:assets', user: 'alice@example.com', ok: true }

const name = fc.constantFrom('id', 'tag', 'a', 'zone', '', '0', '17', 'constructor', '__proto__', 'toString', 'ż', 'q"')
const small = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1e9, 999999999, 1e15, 999999999999999, -1e14, 1e21, 5e-324, NaN, Infinity, -1.5),
  fc.boolean(),
  fc.constant(null),
)
/** Values of the kinds that events carry, with members that JSON leaves out here and there. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, { weight: 3, arbitrary: small }, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(name, fc.string({ maxLength: 5 })), fc.oneof(tie('value'), fc.constant(undefined)), {
    maxKeys: 6,
    noNullPrototype: true,
  }),
}))

describe('a writer of plain JSON', () => {
  it('writes what JSON.stringify gives, byte for byte, or refuses', () => {
    let plain = 0
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (one) => {
        const text = written(one)
        if (text === undefined) return
        plain++
        expect(text).toBe(JSON.stringify(one))
      }),
      RUNS,
    )
    expect(plain).toBeGreaterThan(RUNS.numRuns / 3)
  })

  it.each([
    ['the payload of an ordinary event', event],
    ['nested objects and arrays', { a: [{ b: [] }, {}, [[1]]], c: { d: null } }],
    ['a member that is undefined', { a: undefined, b: 1, c: undefined }],
    ['numbers of every size', [0, -0, 7, 123456789, 1e9, 1234567890123, -999999999999999, 1e15, 1.25, -1e-7, 1e300]],
    ['what is no number', [NaN, Infinity, -Infinity]],
    ['an element that is undefined', [undefined, 1]],
    ['keys that are integers', { b: 1, 2: 2, 1: 3 }],
    ['a text', 'purged'],
    ['a string of the greatest length', 'x'.repeat(LONGEST_STRING)],
  ])('writes %s', (_, one) => {
    expect(written(one)).toBe(JSON.stringify(one))
  })

  it.each<[string, unknown]>([
    ['an escape', 'a\nb'],
    ['a quote', { a: '"' }],
    ['a key with a backslash', { '\\': 1 }],
    ['what is not ASCII', 'ż'],
    ['a string that is long', 'x'.repeat(LONGEST_STRING + 1)],
    ['a text that is long', Array.from({ length: LONGEST / 2 }, () => 1)],
    ['a million empty arrays', Array.from({ length: 1e6 }, () => [])],
    ['an array without end', Array(2 ** 32 - 1)],
    ['a date', new Date(0)],
    [
      'an object of a class',
      new (class One {
        one = 1
      })(),
    ],
    ['an object without a prototype', Object.create(null)],
    ['an object with a toJSON', { toJSON: () => 1 }],
    ['an array with a toJSON', Object.assign([], { toJSON: () => 1 })],
    ['a function', () => 1],
    ['a BigInt', [1n]],
    ['a symbol', { a: Symbol('s') }],
  ])('refuses %s', (_, one) => {
    expect(written(one)).toBeUndefined()
    expect(written(event)).toBe(JSON.stringify(event))
  })

  it('throws what a getter throws, and can be used again', () => {
    const payload = {
      get a(): never {
        throw new RangeError('its own')
      },
    }
    expect(() => writer.write(payload)).toThrow(RangeError)
    expect(written(event)).toBe(JSON.stringify(event))
  })

  it.each([
    ['longer', (list: unknown[]): void => void list.push(1, 2)],
    ['shorter', (list: unknown[]): void => void list.splice(1)],
  ])('writes an array as long as it was, although a getter in it makes it %s', (_, change) => {
    const make = (): unknown[] => {
      const list: unknown[] = []
      const get = (): number => {
        change(list)
        return 0
      }
      list.push(Object.defineProperty({}, 'a', { enumerable: true, get }), 1, 2)
      return list
    }
    expect(written(make())).toBe(JSON.stringify(make()))
  })

  it('refuses what lies too deep, and a cycle', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(written(nested(DEEPEST))).toBe(JSON.stringify(nested(DEEPEST)))
    expect([written(nested(DEEPEST + 1)), written(cycle)]).toEqual([undefined, undefined])
  })

  it('refuses what is to be written while it writes, and goes on with its own', () => {
    const inner: (string | undefined)[] = []
    const outer = {
      a: 1,
      get b() {
        inner.push(written({ other: 2 }))
        return 3
      },
    }
    expect(written(outer)).toBe('{"a":1,"b":3}')
    expect(inner).toEqual([undefined])
  })

  it('writes no member that somebody gave to every object', () => {
    const prototype = Object.prototype as Record<string, unknown>
    prototype['everywhere'] = 1
    try {
      expect(written({ a: 1 })).toBeUndefined()
    } finally {
      delete prototype['everywhere']
    }
  })
})

describe('a reader of plain JSON', () => {
  it('reads what JSON.parse gives, whatever it has read before, or refuses', () => {
    const shape = new Shape()
    let plain = 0
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (one) => {
        const text = JSON.stringify(one)
        const found = Buffer.byteLength(text) === text.length ? read(text, shape) : undefined
        if (found === undefined) return
        plain++
        const parsed = JSON.parse(text) as unknown
        expect(found).toStrictEqual(parsed)
        expect(JSON.stringify(found)).toBe(JSON.stringify(parsed))
      }),
      RUNS,
    )
    expect(plain).toBeGreaterThan(RUNS.numRuns / 3)
  })

  it('refuses whatever is not JSON, or reads it as JSON.parse does', () => {
    const text = fc.oneof(
      fc.constant(JSON.stringify(event)),
      value.map((one) => JSON.stringify(one)),
    )
    const alphabet = Array.from('{}[]",:-+.0123456789eEtrufalsn \\\u0000\u001f\u007fx')
    const damage = fc.tuple(fc.nat(), fc.nat(3), fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 3 }))
    const shape = new Shape()
    fc.assert(
      fc.property(text, damage, (whole, [place, removed, added]) => {
        const at = place % (whole.length + 1)
        const damaged = whole.slice(0, at) + added + whole.slice(at + removed)
        const found = Buffer.byteLength(damaged) === damaged.length ? read(damaged, shape) : undefined
        if (found !== undefined) expect(found).toStrictEqual(JSON.parse(damaged))
      }),
      { numRuns: 2 * RUNS.numRuns },
    )
  })

  it.each([
    '',
    ' 1',
    '1 ',
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '0x1',
    '--1',
    '1-',
    '{',
    '{}}',
    '[1,]',
    '{"a"}',
    '{a:1}',
  ])('refuses %j', (text) => {
    expect(read(text)).toBeUndefined()
  })

  it.each([
    ['an ordinary event', JSON.stringify(event)],
    ['an empty object in an array', '[{},[]]'],
    ['a number by itself', '12'],
    ['zero with a sign', '-0'],
    ['numbers of every form', '[0,-7,1.5,-0.25,1e3,2E-3,1.5e+2,123456789012345,1234567890123456789]'],
    ['a key that comes twice', '{"a":1,"b":2,"a":3}'],
    ['an empty key, and an empty string', '{"":""}'],
    ['words', '[true,false,null]'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toStrictEqual(JSON.parse(text))
  })

  it('reads payloads of changing shapes and strings by one shape', () => {
    const shape = new Shape()
    const payloads = [
      event,
      { ...event, tag: 'other' },
      { tag: { from: 'x' } },
      [event],
      'tag',
      { ...event, extra: [1] },
    ]
    for (const one of [...payloads, ...payloads.reverse(), ...payloads]) {
      expect(read(JSON.stringify(one), shape)).toStrictEqual(one)
    }
  })

  it.each(['__proto__', 'constructor', 'toString'])('refuses the key %s, which every object has already', (key) => {
    expect(read(`{"${key}":{"polluted":true}}`)).toBeUndefined()
  })

  it('refuses a key that cannot be assigned to any more', () => {
    const shape = new Shape()
    expect(read('{"late":1}', shape)).toEqual({ late: 1 })
    Object.defineProperty(Object.prototype, 'late', { value: 0, configurable: true })
    try {
      expect(read('{"late":1}', shape)).toBeUndefined()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'late')
    }
  })

  it('refuses keys that are ever new ones', () => {
    const shape = new Shape()
    const texts = Array.from({ length: 1000 }, (_, index) => `{"key-${index}":1}`)
    const found = texts.map((text) => read(text, shape))
    expect(found[0]).toEqual({ 'key-0': 1 })
    expect(found.at(-1)).toBeUndefined()
    expect(read(texts[0], shape)).toEqual({ 'key-0': 1 })
  })

  it('refuses what lies too deep', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(read(nested(DEEPEST))).toStrictEqual(JSON.parse(nested(DEEPEST)))
    expect(read(nested(DEEPEST + 1))).toBeUndefined()
  })
})

describe('a trial', () => {
  it('pauses after a failure, and is made again', () => {
    const trial = new Trial()
    expect(trial.attempt()).toBe(true)
    trial.failed()
    let pause = 0
    while (!trial.attempt()) pause++
    expect(pause).toBeGreaterThan(8)
    expect(trial.attempt()).toBe(true)
  })
})
