/** The memory map: words that hold what was put into them, laps that wrap, and areas that do not overlap. */
import fc from 'fast-check'
import {
  CONFIRMED,
  Cell,
  EXECUTED,
  FIRST_LAP,
  FIRST_TICKET,
  Field,
  Geometry,
  HEADER_BYTES,
  Header,
  MAX_WORKERS,
  NOBODY,
  Phase,
  Place,
  TAG_MASK,
  TENTATIVE,
  UNCLAIMED,
  cellWord,
  claimWord,
  claimantIn,
  expiryIn,
  expiryWord,
  isHeld,
  lapIn,
  lapOf,
  lapsAhead,
  lowIn,
  ownerIn,
  phaseIn,
  stateWord,
  tagIn,
  versionIn,
} from '../src/layout.js'
import type { Dimensions } from '../src/options.js'

const LAPS = 2 ** 20
const laps = fc.oneof(fc.nat(LAPS - 1), fc.constantFrom(0, 1, LAPS / 2 - 1, LAPS / 2, LAPS - 2, LAPS - 1))
const owners = fc.oneof(fc.nat(MAX_WORKERS - 1), fc.constant(NOBODY))
const phases = fc.constantFrom(...Object.values(Phase))

describe('a state word', () => {
  it('holds lap, owner and phase in 32 bits that Atomics handle', () => {
    fc.assert(
      fc.property(laps, owners, phases, (lap, owner, phase) => {
        const word = stateWord(lap, owner, phase)
        expect(new Int32Array([word])[0]).toBe(word)
        expect([lapIn(word), ownerIn(word), phaseIn(word)]).toEqual([lap, owner, phase])
      }),
    )
  })

  it('is held in the phases in which an owner may still write', () => {
    const held = Object.entries(Phase).filter(([, phase]) => isHeld(stateWord(LAPS - 1, 5, phase)))
    expect(held.map(([name]) => name)).toEqual(['BUSY', 'STALE'])
  })

  it('never takes nobody for a worker', () => {
    expect(NOBODY).toBeGreaterThan(MAX_WORKERS)
    expect(ownerIn(stateWord(0, NOBODY, 0))).not.toBe(ownerIn(stateWord(0, MAX_WORKERS - 1, 0)))
  })

  it('tells how many laps it is ahead, across the wrap, within half of all laps', () => {
    const near = fc.oneof(fc.integer({ min: -LAPS / 2, max: LAPS / 2 - 1 }), fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(laps, near, owners, phases, (lap, distance, owner, phase) => {
        const word = stateWord((lap + distance + LAPS) % LAPS, owner, phase)
        expect(lapsAhead(word, lap)).toBe(distance)
      }),
    )
    expect(lapsAhead(stateWord(0, 1, 1), LAPS - 1)).toBe(1)
    expect(lapsAhead(stateWord(LAPS - 1, 1, 1), 0)).toBe(-1)
  })
})

describe('the lap of a generation', () => {
  it('grows by one each time round the ring, and wraps', () => {
    for (const capacity of [1, 3, 1024]) {
      const start = (FIRST_LAP + 1) * capacity
      const found = Array.from({ length: 4 }, (_, lap) => lapOf(start + lap * capacity + capacity - 1, capacity))
      expect(found).toEqual([LAPS - 2, LAPS - 1, 0, 1])
    }
  })

  it('is exact for every generation that is an exact number', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 2 ** 23 }), (generation, capacity) => {
        const expected = Number((BigInt(generation) / BigInt(capacity)) % BigInt(LAPS))
        expect(lapOf(generation, capacity)).toBe(expected)
      }),
    )
  })
})

describe('the counters of a new zone', () => {
  it('start so near their wrap that every test goes through it', () => {
    expect(lapOf((FIRST_LAP + 3) * 8, 8)).toBe(0)
    expect((FIRST_TICKET + 3) | 0).toBeLessThan(0)
  })
})

describe('a claim word', () => {
  it('holds lap and claimant, and tells nobody and executed from every worker', () => {
    const claimants = fc.oneof(fc.integer({ min: 1, max: MAX_WORKERS }), fc.constantFrom(UNCLAIMED, EXECUTED))
    fc.assert(
      fc.property(laps, claimants, (lap, claimant) => {
        const word = claimWord(lap, claimant)
        expect(new Int32Array([word])[0]).toBe(word)
        expect([lapIn(word), claimantIn(word)]).toEqual([lap, claimant])
      }),
    )
    expect(EXECUTED).toBeGreaterThan(MAX_WORKERS)
  })
})

describe('a key cell', () => {
  it('holds tag, version, owner and phase in 64 bits', () => {
    const tags = fc.oneof(fc.bigInt({ min: 0n, max: TAG_MASK }), fc.constantFrom(0n, TAG_MASK))
    fc.assert(
      fc.property(tags, fc.nat(15), owners, fc.constantFrom(TENTATIVE, CONFIRMED), (tag, version, owner, phase) => {
        const word = cellWord(tag, version, owner, phase)
        expect(new BigInt64Array([word])[0]).toBe(word)
        expect(word).not.toBe(0n)
        const low = lowIn(word)
        expect([tagIn(word), versionIn(word), ownerIn(low), phaseIn(low)]).toEqual([tag, version, owner, phase])
      }),
    )
  })

  it('holds the end of its life in milliseconds, beside a salt', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 43 - 1 }), fc.nat(), (milliseconds, salt) => {
        const word = expiryWord(milliseconds, salt)
        expect(new BigInt64Array([word])[0]).toBe(word)
        expect(expiryIn(word)).toBe(milliseconds)
        expect(word === expiryWord(milliseconds, salt + 1)).toBe(false)
      }),
    )
  })
})

const dimensions: fc.Arbitrary<Dimensions> = fc.record({
  ringSize: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 23 })),
  entryPayload: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 24 })),
  maxWorkers: fc.integer({ min: 1, max: MAX_WORKERS }),
  uniqueKeys: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 2 ** 24 })),
  overflow: fc.constantFrom('overwrite', 'reject'),
})

describe('the geometry of a zone', () => {
  it('lays its areas one behind the other, without overlap, each aligned for its words', () => {
    fc.assert(
      fc.property(dimensions, (wanted) => {
        const geometry = new Geometry(wanted)
        const { capacity, slotBytes, placesAt, cellsAt, buckets, bucketCells, statesAt, claimsAt, recordsAt, bytes } =
          geometry
        const areas = [
          [0, HEADER_BYTES, 8],
          [placesAt, wanted.maxWorkers * Place.bytes, 8],
          [cellsAt, buckets * bucketCells * Cell.bytes, 8],
          [statesAt, capacity * 4, 4],
          [claimsAt, capacity * 4, 4],
          [recordsAt, capacity * slotBytes, 8],
        ] as const
        let end = 0
        for (const [start, length, alignment] of areas) {
          expect(start).toBeGreaterThanOrEqual(end)
          expect(start % alignment).toBe(0)
          end = start + length
        }
        expect(end).toBe(bytes)
        expect(bytes % 8).toBe(0)
      }),
    )
  })

  it('gives each entry room for what was asked, and no entry less than its record needs', () => {
    fc.assert(
      fc.property(dimensions, (wanted) => {
        const geometry = new Geometry(wanted)
        expect(geometry.slotBytes % 64).toBe(0)
        expect(geometry.spanBytes(1)).toBeGreaterThanOrEqual(wanted.entryPayload)
        expect(geometry.slotBytes - Field.payload - wanted.entryPayload).toBeLessThan(64)
      }),
    )
  })

  it('lets an event span a quarter of the ring, and counts the entries that so many bytes need', () => {
    fc.assert(
      fc.property(dimensions, fc.integer({ min: 1, max: 100 }), (wanted, span) => {
        const geometry = new Geometry(wanted)
        expect(geometry.maxSpan).toBe(Math.max(1, Math.floor(wanted.ringSize / 4)))
        expect(geometry.spanOf(geometry.spanBytes(span))).toBe(span)
        expect(geometry.spanOf(geometry.spanBytes(span) + 1)).toBe(span + 1)
        expect(geometry.spanOf(0)).toBe(1)
      }),
    )
  })

  it('holds exactly uniqueKeys in a small table, and twice as many cells in a large one', () => {
    fc.assert(
      fc.property(dimensions, (wanted) => {
        const { buckets, bucketCells } = new Geometry(wanted)
        const cells = buckets * bucketCells
        if (wanted.uniqueKeys <= 1024) expect([buckets, cells]).toEqual([1, wanted.uniqueKeys])
        else expect(cells).toBeGreaterThanOrEqual(2 * wanted.uniqueKeys)
      }),
    )
  })

  it('brings an offset that ran over the end of the records back to their beginning', () => {
    const geometry = new Geometry({
      ringSize: 4,
      entryPayload: 80,
      maxWorkers: 1,
      uniqueKeys: 1,
      overflow: 'overwrite',
    })
    expect(geometry.wrapped(geometry.bytes - 1)).toBe(geometry.bytes - 1)
    expect(geometry.wrapped(geometry.bytes)).toBe(geometry.recordsAt)
    expect(geometry.wrapped(geometry.bytes + 300)).toBe(geometry.recordsAt + 300)
  })
})

describe('the header, a place and a record', () => {
  const fieldsOf = (offsets: Record<string, number>): [string, number][] =>
    Object.entries(offsets).filter(([name]) => name !== 'bytes')

  it('have no two fields at one offset', () => {
    for (const offsets of [Header, Place, Field]) {
      const found = fieldsOf({ ...offsets }).map(([, offset]) => offset)
      expect(new Set(found).size).toBe(found.length)
    }
  })

  it('keep the hot words of the header on cache lines of their own', () => {
    const hot = [Header.head, Header.sleepTickets, Header.rungTicket, Header.bell, Header.retired]
    const lines = hot.map((offset) => Math.floor(offset / 128))
    expect(new Set(lines).size).toBe(hot.length)
    const cold = Object.values(Header).filter((offset) => !(hot as number[]).includes(offset))
    for (const offset of cold) expect(lines).not.toContain(Math.floor(offset / 128))
  })

  it('stay within their bounds', () => {
    expect(Math.max(...Object.values(Header)) + 8).toBe(HEADER_BYTES)
    expect(Math.max(...fieldsOf({ ...Place }).map(([, offset]) => offset)) + 8).toBeLessThanOrEqual(Place.bytes)
    expect(Math.max(...Object.values(Field))).toBe(Field.payload)
  })
})
