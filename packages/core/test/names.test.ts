/** Names: what may be one, how a pair lies in a record, and what a pattern matches. */
import fc from 'fast-check'
import { NAME_BYTES, NamePairs, channelHash, encodePair, keyBytes, parsePattern } from '../src/names.js'
import { coded, thrownBy } from './expectations.js'

const utf8 = (text: string): number => Buffer.byteLength(text)
const names = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((name) => utf8(name) <= NAME_BYTES && !name.includes('*'))

describe('a pair of names', () => {
  it('lies in words of its own, zero-padded, with lengths and hashes that another process finds too', () => {
    fc.assert(
      fc.property(names, names, (channel, type) => {
        const pair = encodePair(channel, type)
        const bytes = Buffer.from(pair.words.buffer)
        expect(bytes.toString('utf8', 0, pair.channelLength)).toBe(channel)
        expect(bytes.toString('utf8', NAME_BYTES, NAME_BYTES + pair.typeLength)).toBe(type)
        expect([...bytes.subarray(pair.channelLength, NAME_BYTES)].every((byte) => byte === 0)).toBe(true)
        expect(pair.channelHash).toBe(channelHash(channel))
        expect(encodePair(channel, type)).toEqual(pair)
      }),
    )
  })

  it('is told from another by its hash, as good as always', () => {
    const hashes = new Set<number>()
    for (let channel = 0; channel < 100; channel++) {
      for (let type = 0; type < 100; type++) hashes.add(encodePair(`channel ${channel}`, `type ${type}`).hash)
    }
    expect(hashes.size).toBeGreaterThan(9_990)
    expect(encodePair('ab', 'c').hash).not.toBe(encodePair('a', 'bc').hash)
  })
})

describe('the pairs that a publisher used lately', () => {
  it('are encoded once', () => {
    const pairs = new NamePairs()
    const first = pairs.pair('c', 't')
    pairs.pair('c', 'u')
    pairs.pair('d', 't')
    expect(pairs.pair('c', 't')).toBe(first)
  })

  it('are forgotten when they become too many, and right all the same', () => {
    const pairs = new NamePairs()
    const first = pairs.pair('c', 't')
    for (let count = 0; count < 2000; count++) expect(pairs.pair(`c ${count}`, 't').channel).toBe(`c ${count}`)
    expect(pairs.pair('c', 't')).not.toBe(first)
    expect(pairs.pair('c', 't')).toEqual(first)
  })

  it('do not remember what is no name', () => {
    const pairs = new NamePairs()
    for (let count = 0; count < 2; count++) expect(() => pairs.pair('c', '')).toThrow(coded('ERR_INVALID_NAME'))
  })
})

describe('a pattern', () => {
  it('without a star matches the very name only', () => {
    fc.assert(
      fc.property(names, names, (name, other) => {
        const pattern = parsePattern(name, 'channel')
        expect(pattern).toMatchObject({ text: name, exact: true })
        expect(pattern.matches(name)).toBe(true)
        expect(pattern.matches(other)).toBe(name === other)
      }),
    )
  })

  it('that ends in .* matches every longer name that begins as it does, and no other', () => {
    const prefixes = names.filter((name) => utf8(name) <= 30)
    fc.assert(
      fc.property(prefixes, prefixes, (prefix, rest) => {
        const pattern = parsePattern(`${prefix}.*`, 'channel')
        expect(pattern.exact).toBe(false)
        expect(pattern.matches(`${prefix}.${rest}`)).toBe(true)
        expect([prefix, `${prefix}.`, `${prefix}${rest}`].map((name) => pattern.matches(name))).toEqual([
          false,
          false,
          rest.startsWith('.') && rest.length > 1,
        ])
      }),
    )
  })

  it('of a star matches everything', () => {
    fc.assert(fc.property(names, (name) => expect(parsePattern('*', 'type').matches(name)).toBe(true)))
  })
})

describe('a unique key', () => {
  it('may be any text of 1 to 256 bytes', () => {
    expect(keyBytes('ü'.repeat(128))).toHaveLength(256)
    for (const key of ['', 'ü'.repeat(128) + 'x', '\ud800', 5, undefined, {}]) {
      expect(() => keyBytes(key)).toThrow(coded('ERR_INVALID_NAME', 'unique'))
    }
  })

  it('is never shown', () => {
    for (const key of ['secret'.repeat(60), 'secret\udc00'])
      expect(thrownBy(() => keyBytes(key)).message).not.toContain('secret')
  })
})
