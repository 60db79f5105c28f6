/** An excerpt: what it shows is what a snapshot of the ring shows, at every moment, and each event is read once. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { Excerpt } from '../../src/api/excerpt.js'
import { matcherOf } from '../../src/api/request.js'
import { zoneDocument, zoneFrame } from '../../src/document.js'
import { Field } from '../../src/layout.js'
import type { Region } from '../../src/region/region.js'
import { snapshot, statusOf } from '../../src/snapshot.js'
import { coded } from '../expectations.js'
import { atEveryStep, stoppedBefore } from '../interruption.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

const everything = { channel: '', type: '', since: undefined, limit: 0 }

/** The document of a zone with an excerpt in it. */
function shownBy(excerpt: Excerpt, region: Region, since = 0, limit = 0): string {
  excerpt.update()
  const [before, after] = zoneFrame(statusOf(region, -1, excerpt), '')
  const { text, bytes } = excerpt.show({ before, after, since, limit })
  expect(bytes).toBe(Buffer.byteLength(text))
  return text
}

/** The same, made anew of what lies in the ring. */
function snapshotOf(region: Region, filter = everything, since = 0, limit = 0): string {
  return zoneDocument(snapshot(region, -1, { matches: matcherOf(filter), since, limit }), '')
}

interface Ring {
  readonly oldest_generation: number
  readonly newest_generation: number
  readonly events: readonly { readonly generation: number; readonly payload: unknown }[]
}

const bodies = ['1', '"ü🐘"', '"\\u0000\\n"', undefined, Uint8Array.of(0, 255), `"${'x'.repeat(500)}"`] as const

/** Something that happens in a ring. */
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('write'), body: fc.nat(5), type: fc.constantFrom('t', 'ä"') }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('stall', 'draw'), span: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('judge') }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('look'), filter: fc.nat(2), since: fc.nat(40), limit: fc.nat(4) }),
  },
)

const filters = [everything, { ...everything, channel: 'c', type: 't' }, { ...everything, channel: 'nothing' }]

describeOnBothRegions('an excerpt', (subject) => {
  it('shows to the byte what a snapshot shows, whatever happened between any two looks', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 20, maxLength: 120 }), (history) => {
        const zone = subject.makeZone({ ringSize: 12 })
        const region = zone.region()
        const publisher = zone.join()
        const excerpts = filters.map((filter) => new Excerpt(region.zone, filter))
        for (const step of history) {
          if ('filter' in step) {
            const { filter, since, limit } = step
            const shown = shownBy(excerpts[filter], region, since, limit)
            expect(shown).toBe(snapshotOf(region, filters[filter], since, limit))
          } else happen(step, publisher)
        }
        excerpts.forEach((excerpt, each) => {
          expect(shownBy(excerpt, region)).toBe(snapshotOf(region, filters[each]))
        })
        publisher.leave()
      }),
      { numRuns: 40 },
    )
  })

  it('reads each event once: what is shown does not come from the ring again', () => {
    const { publisher, region, excerpt } = makeScene(subject)
    publisher.write('"first"')
    const before = shownBy(excerpt, region)
    region.zone.bytes.fill(0x21, region.zone.recordAt(0) + Field.payload, region.zone.recordAt(1))
    publisher.write('"second"')
    const events = (JSON.parse(shownBy(excerpt, region)) as Ring).events.map(({ payload }) => payload)
    expect(before).toContain('"first"')
    expect(events).toEqual(['first', 'second'])
  })

  it('stops at what is not decided, and goes on from there once it is', () => {
    const { publisher, region, excerpt } = makeScene(subject)
    publisher.write('1')
    const stalled = publisher.stall()
    publisher.write('3')
    expect(ringIn(shownBy(excerpt, region))).toEqual({ oldest: 1, newest: 1, generations: [1] })
    publisher.slots.judge(stalled, true)
    expect(ringIn(shownBy(excerpt, region))).toEqual({ oldest: 1, newest: 3, generations: [1, 3] })
  })

  it('is right about a ring whose count of laps has gone round since it looked last', () => {
    const zone = subject.makeZone({ ringSize: 4 })
    const [region, publisher] = [zone.region(), zone.join()]
    const excerpt = new Excerpt(region.zone, everything)
    for (let generation = 1; generation <= 3; generation++) publisher.write(String(generation))
    expect(ringIn(shownBy(excerpt, region))).toEqual({ oldest: 1, newest: 3, generations: [1, 2, 3] })
    for (let generation = 4; generation <= 30; generation++) publisher.write(String(generation))
    expect(ringIn(shownBy(excerpt, region))).toEqual({ oldest: 27, newest: 30, generations: [27, 28, 29, 30] })
  })
})

describeOnBothRegions('an excerpt that is stopped before any of its atomic steps', (subject) => {
  it.each([0, 1, 3, 8, 9, 40])('shows whole events, and between oldest and newest all, after %d others', (events) => {
    const steps = atEveryStep((step) => {
      const { publisher, region, excerpt } = makeScene(subject)
      let last = 0
      const write = (): void => void publisher.write(JSON.stringify({ n: ++last, text: 'ü'.repeat(last % 25) }))
      for (let each = 0; each < 5; each++) write()
      shownBy(excerpt, region)
      for (let each = 0; each < 6; each++) write()
      const meanwhile = (): void => {
        for (let each = 0; each < events; each++) write()
      }
      const { reached } = stoppedBefore(step, () => excerpt.update(), meanwhile)
      const { oldestGeneration: oldest, newestGeneration: newest } = excerpt
      const { text } = excerpt.show({ before: '[', after: ']', since: 0, limit: 0 })
      const shown = JSON.parse(text) as Ring['events']
      const expected = Array.from({ length: oldest === 0 ? 0 : newest - oldest + 1 }, (_, each) => oldest + each)
      expect(shown.map(({ generation }) => generation)).toEqual(expected)
      for (const { generation: n, payload } of shown) expect(payload).toEqual({ n, text: 'ü'.repeat(n % 25) })
      expect(newest).toBeGreaterThanOrEqual(11)
      return reached
    })
    expect(steps).toBeGreaterThan(10)
  })
})

describeOnBothRegions('an excerpt of a ring that is written faster than it can be read', (subject) => {
  it('shows what is newest, without gaps', () => {
    const { publisher } = makeScene(subject)
    const excerpt = new Excerpt(publisher.zone, everything)
    const write = (): void => void publisher.write('1')
    for (let each = 0; each < 8; each++) write()
    const overtake = (overtakings: number): void => {
      if (overtakings === 0) return
      publisher.whenCopied(() => {
        for (let each = 0; each < 3; each++) write()
        overtake(overtakings - 1)
      })
    }
    overtake(3)
    const { oldest, newest, generations } = ringIn(shownBy(excerpt, publisher.region))
    expect(newest).toBeGreaterThan(11)
    expect(oldest).toBeGreaterThan(newest - 8)
    expect(generations).toEqual(Array.from({ length: newest - oldest + 1 }, (_, each) => oldest + each))
  })
})

function happen(step: { what: string; body?: number; type?: string; span?: number }, publisher: Participant): void {
  const { what, body = 0, type = 't', span = 1 } = step
  if (what === 'write') write(publisher, bodies[body], type)
  else if (what === 'stall') publisher.stall(span)
  else if (what === 'draw') publisher.draw(span)
  // As a worker does whose wait is over.
  else
    for (let generation = publisher.reader.cursor; generation < publisher.zone.head(); generation++) {
      publisher.slots.decideVoid(generation)
      publisher.slots.judge(generation, true)
      publisher.letGo(generation)
    }
}

/** Where those who are stopped hold too much of the ring, nothing is published. */
function write(publisher: Participant, body: (typeof bodies)[number], type: string): void {
  try {
    publisher.write(body, { type })
  } catch (error) {
    expect(error).toEqual(coded('ERR_RING_BUSY'))
  }
}

interface Scene {
  readonly publisher: Participant
  readonly region: Region
  readonly excerpt: Excerpt
}

function makeScene(subject: Subject): Scene {
  const zone = subject.makeZone({ ringSize: 8 })
  const region = zone.region()
  return { publisher: zone.join(), region, excerpt: new Excerpt(region.zone, everything) }
}

function ringIn(text: string): { oldest: number; newest: number; generations: number[] } {
  const { oldest_generation: oldest, newest_generation: newest, events } = JSON.parse(text) as Ring
  return { oldest, newest, generations: events.map(({ generation }) => generation) }
}
