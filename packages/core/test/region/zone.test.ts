/** A zone's header: written whole, read back, and every defect of it named. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import {
  FIRST_TICKET,
  Geometry,
  HEADER_BYTES,
  Header,
  LAYOUT_VERSION,
  NOBODY,
  Phase,
  lapOf,
  ownerIn,
  phaseIn,
} from '../../src/layout.js'
import type { Dimensions } from '../../src/options.js'
import { newEpoch } from '../../src/region/region.js'
import { Zone, defectOf, hasOurMark, initialise, readDimensions, readEpoch, readName } from '../../src/region/zone.js'

const small: Dimensions = { ringSize: 8, entryPayload: 80, maxWorkers: 2, uniqueKeys: 4, overflow: 'reject' }

function make(dimensions: Dimensions = small, birth: object = {}): Buffer {
  const memory = Buffer.from(new ArrayBuffer(new Geometry(dimensions).bytes))
  initialise(memory, dimensions, { name: 'bus', epoch: newEpoch(), bootId: 'boot', ...birth })
  return memory
}

describe('a zone that was initialised', () => {
  it('says what it is: dimensions, name, life, and has no defect', () => {
    const epoch = newEpoch()
    const memory = make(small, { epoch })
    expect(readDimensions(memory)).toEqual(small)
    expect([readName(memory), readEpoch(memory)]).toEqual(['bus', epoch])
    expect(defectOf(memory, memory.length, 'boot')).toBeUndefined()
  })

  it('of any dimensions reads them back', () => {
    const dimensions: fc.Arbitrary<Dimensions> = fc.record({
      ringSize: fc.integer({ min: 1, max: 64 }),
      entryPayload: fc.integer({ min: 1, max: 500 }),
      maxWorkers: fc.integer({ min: 1, max: 50 }),
      uniqueKeys: fc.integer({ min: 1, max: 3000 }),
      overflow: fc.constantFrom('overwrite', 'reject'),
    })
    fc.assert(
      fc.property(dimensions, (each) => {
        const memory = make(each)
        expect(readDimensions(memory)).toEqual(each)
        expect(defectOf(memory, memory.length, 'boot')).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  it('has every slot decided and free one lap before its first, and nothing published', () => {
    for (const firstLap of [undefined, 0, 7, 2 ** 20]) {
      const memory = make(small, firstLap === undefined ? {} : { firstLap })
      const zone = new Zone(memory.buffer)
      expect(zone.head()).toBe(zone.origin)
      expect(zone.origin).toBe((firstLap ?? 2 ** 20 - 3) * 8)
      expect(zone.publicOf(zone.origin)).toBe(1)
      for (const word of zone.states) {
        expect([phaseIn(word), ownerIn(word)]).toEqual([Phase.VOID, NOBODY])
        expect(word >>> 12).toBe(lapOf(zone.origin + 8 * 2 ** 20 - 1, 8))
      }
      expect([...zone.claims]).toEqual(Array(8).fill(0))
    }
  })

  it('has its tickets just before their wrap', () => {
    const memory = make()
    expect([memory.readInt32LE(Header.sleepTickets), memory.readInt32LE(Header.rungTicket)]).toEqual([
      FIRST_TICKET,
      FIRST_TICKET,
    ])
  })

  it('has views that end where its areas end', () => {
    const memory = make()
    const zone = new Zone(memory.buffer)
    const { statesAt, claimsAt, recordsAt, slotBytes, bytes } = zone.geometry
    expect([zone.states.byteOffset, zone.states.length]).toEqual([statesAt, 8])
    expect([zone.claims.byteOffset, zone.claims.length]).toEqual([claimsAt, 8])
    expect([zone.recordAt(0), zone.recordAt(7) + slotBytes]).toEqual([recordsAt, bytes])
    expect(zone.placeAt(1) - zone.placeAt(0)).toBe(128)
  })
})

describe('a life of a zone', () => {
  it('has a name that no other has, in order of time', () => {
    const epochs = Array.from({ length: 1000 }, () => newEpoch())
    expect(new Set(epochs).size).toBe(1000)
    for (const epoch of epochs) expect(epoch).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
    const times = epochs.map((epoch) => epoch.slice(0, 10))
    expect(times).toEqual([...times].sort())
  })
})

describe('a defect', () => {
  it.each<[string, (memory: Buffer) => void, string]>([
    ['the first mark', (memory) => memory.fill(0, Header.magic, 8), 'magic'],
    ['the last mark, which is written last', (memory) => memory.fill(0, Header.magicEnd, HEADER_BYTES), 'magic'],
    ['another version', (memory) => memory.writeInt32LE(LAYOUT_VERSION + 1, Header.version), `${LAYOUT_VERSION + 1}`],
    ['a ring of no entries', (memory) => memory.writeInt32LE(0, Header.ringSize), 'dimensions'],
    ['a ring of less than none', (memory) => memory.writeInt32LE(-8, Header.ringSize), 'dimensions'],
    ['entries of nothing', (memory) => memory.writeInt32LE(0, Header.entryPayload), 'dimensions'],
    ['no worker', (memory) => memory.writeInt32LE(0, Header.maxWorkers), 'dimensions'],
    ['more workers than words tell apart', (memory) => memory.writeInt32LE(1001, Header.maxWorkers), 'dimensions'],
    ['no keys', (memory) => memory.writeInt32LE(0, Header.uniqueKeys), 'dimensions'],
    ['another ring than its size fits', (memory) => memory.writeInt32LE(9, Header.ringSize), 'bytes'],
    ['a ring beyond all memory', (memory) => memory.writeInt32LE(2 ** 31 - 1, Header.ringSize), 'bytes'],
    ['another boot', (memory) => memory.write('toob', Header.bootId), 'reboot'],
    ['an epoch that would lead out of the directory', (memory) => memory.write('../', Header.epoch), 'epoch'],
  ])('is named: %s', (_, damage, part) => {
    const memory = make()
    damage(memory)
    expect(defectOf(memory, memory.length, 'boot')).toContain(part)
  })

  it('is a file that was cut, anywhere', () => {
    const memory = make()
    for (const length of [0, 1, 8, HEADER_BYTES - 1, HEADER_BYTES, memory.length - 1]) {
      expect(defectOf(memory.subarray(0, Math.min(length, HEADER_BYTES)), length, 'boot')).toMatch(`${length} bytes`)
    }
    expect(defectOf(memory, memory.length + 1, 'boot')).toMatch('bytes')
  })

  it('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat({ max: 120 }), (garbage, at) => {
        const memory = make()
        memory.set(garbage, at + 8)
        expect(['undefined', 'string']).toContain(typeof defectOf(memory, memory.length, 'boot'))
      }),
    )
  })
})

describe('our mark', () => {
  it('is on a zone that is damaged at either end, and on nothing else', () => {
    const memory = make()
    expect(hasOurMark(memory)).toBe(true)
    expect(hasOurMark(memory.subarray(0, 8))).toBe(true)
    const [headless, tailless, foreign] = [make(), make(), Buffer.alloc(HEADER_BYTES, 'x')]
    headless.fill(0, 0, 8)
    tailless.fill(0, Header.magicEnd, HEADER_BYTES)
    expect([headless, tailless, foreign, Buffer.alloc(0), Buffer.alloc(4)].map(hasOurMark)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
