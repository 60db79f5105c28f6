/** The writing side of the ring, alone and among writers that stop or die at each of its steps. */
import { Field, NOBODY, Phase, lapOf, lapsAhead, stateWord } from '../../src/layout.js'
import { encodePair } from '../../src/names.js'
import { Outcome } from '../../src/ring/reader.js'
import { coded, until } from '../expectations.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

const LAPS = 2 ** 20

/** Some participants of one small zone. */
function join(subject: Subject, ringSize: number, firstLap?: number): [Participant, Participant, Participant] {
  const zone = subject.makeZone({ ringSize, entryPayload: 80 }, firstLap)
  return [zone.join(), zone.join(), zone.join()]
}

/** A text that needs so many entries. */
const spanning = (span: number, mark = 'x'): string => mark.repeat(span * 256 - 176)

describeOnBothRegions('a writer', (subject) => {
  it('draws one generation for each entry and leaves one committed slot for each event', () => {
    const [writer] = join(subject, 16)
    const { origin } = writer.zone
    expect([writer.write(), writer.write(spanning(3)), writer.write()].map((at) => at - origin)).toEqual([0, 1, 4])
    const phases = [0, 1, 2, 3, 4].map((at) => writer.stateOf(origin + at))
    expect(phases.map(({ phase, owner }) => [phase, owner])).toEqual([
      [Phase.COMMITTED, NOBODY],
      [Phase.COMMITTED, NOBODY],
      [Phase.VOID, NOBODY],
      [Phase.VOID, NOBODY],
      [Phase.COMMITTED, NOBODY],
    ])
  })

  it.each([1, 2, 3, 5, 8])('goes round a ring of %i entries through the wrap of the laps', (ringSize) => {
    const [writer, reader] = join(subject, ringSize)
    const first = lapOf(writer.zone.head(), ringSize)
    for (let count = 0; count < ringSize * 6; count++) {
      writer.write(`${count}`)
      expect(reader.readAll()).toEqual([`${count}`])
    }
    const last = lapOf(writer.zone.head(), ringSize)
    expect([first, last]).toEqual([LAPS - 3, 3])
  })

  it('splits a span at the end of the ring, at every place where it can fall', () => {
    const [writer, reader] = join(subject, 12)
    for (let shift = 0; shift < 24; shift++) {
      const text = spanning(3, String.fromCharCode(97 + shift))
      writer.write(text)
      expect(reader.readAll()).toEqual([text])
      writer.write('1')
      expect(reader.readAll()).toEqual(['1'])
    }
    expect(writer.zone.head()).toBeGreaterThan(LAPS * 12)
  })

  it('counts each event that it overwrites once, however many entries it had', () => {
    const [writer] = join(subject, 8)
    for (const span of [2, 1, 2, 1, 1, 1]) writer.write(spanning(span))
    expect(writer.slots.overwritten).toBe(0)
    writer.write()
    expect(writer.slots.overwritten).toBe(1)
    writer.write()
    expect(writer.slots.overwritten).toBe(1)
    writer.write(spanning(2))
    expect(writer.slots.overwritten).toBe(3)
  })

  it('works alike beyond 2²⁰ laps and near the largest numbers', () => {
    for (const firstLap of [0, 1, LAPS - 1, LAPS, 5 * LAPS + 7, 2 ** 32, 2 ** 40 + LAPS - 2]) {
      const [writer, reader] = join(subject, 4, firstLap)
      expect(writer.zone.head()).toBe(firstLap * 4)
      const texts = Array.from({ length: 20 }, (_, count) => `${count}`)
      for (const text of texts) {
        writer.write(text)
        expect(reader.readAll()).toEqual([text])
      }
    }
  })

  it('stops where generations would no longer be exact', () => {
    const [writer] = join(subject, 4, 2 ** 50 - 1)
    for (let left = 4; left > 0; left--) writer.write()
    expect(() => writer.write()).toThrow(coded('ERR_RING_FULL', 'generations'))
    expect(() => writer.write()).toThrow(coded('ERR_RING_FULL', 'generations'))
  })

  it('lets go of its slots when it fails between label and commit', () => {
    const [writer, other] = join(subject, 16)
    const failing = { ...encodePair('c', 't') }
    Object.defineProperty(failing, 'channelHash', {
      get() {
        throw new Error('in the midst')
      },
    })
    const { origin } = writer.zone
    expect(() => writer.writer.write(failing, spanning(2), undefined, 0)).toThrow('in the midst')
    expect([0, 1].map((at) => writer.stateOf(origin + at).phase)).toEqual([Phase.VOID, Phase.VOID])
    other.write('next')
    expect(other.reader.cursor).toBe(origin)
    expect(other.readAll()).toEqual(['next'])
  })
})

describeOnBothRegions('a writer that meets a slot of a living writer who is stopped', (subject) => {
  it('marks its own generation stale in the name of the other, and publishes under the next', () => {
    const [stopped, writer, reader] = join(subject, 4)
    const held = stopped.stall()
    for (let count = 1; count < 4; count++) writer.write(`${count}`)
    const generation = writer.write('after')
    expect(generation).toBe(held + 5)
    const { phase, owner, word } = writer.stateOf(held)
    expect([phase, owner]).toEqual([Phase.STALE, stopped.worker])
    expect(lapsAhead(word, lapOf(held + 4, 4))).toBe(0)
    reader.reader.seek(held + 2)
    expect(reader.readAll()).toEqual(['2', '3', 'after'])
  })

  it('leaves its bytes alone for any number of laps', () => {
    const [stopped, writer] = join(subject, 4)
    const held = stopped.stall()
    const at = writer.zone.recordAt(held % 4)
    const before = Buffer.from(writer.zone.bytes.subarray(at, at + writer.zone.geometry.slotBytes))
    for (let count = 0; count < 40; count++) writer.write('x'.repeat(80))
    expect(writer.zone.bytes.subarray(at, at + writer.zone.geometry.slotBytes)).toEqual(before)
    expect(writer.stateOf(held)).toMatchObject({ phase: Phase.STALE, owner: stopped.worker })
    stopped.letGo(held)
    for (let count = 0; count < 4; count++) writer.write('y')
    expect(writer.stateOf(held)).toMatchObject({ phase: Phase.COMMITTED, owner: NOBODY })
  })

  it('gives up after publishRetries more attempts, each under a generation of its own, none left undecided', () => {
    const [stopped, writer, reader] = join(subject, 2)
    stopped.stall()
    stopped.stall()
    const before = writer.zone.head()
    for (const retries of [0, 1, 7]) {
      expect(() => writer.write('1', { retries })).toThrow(coded('ERR_RING_BUSY', `${retries + 1} attempts`))
    }
    expect(writer.zone.head() - before).toBe(1 + 2 + 8)
    reader.reader.seek(writer.zone.head() - 2)
    expect([reader.read().outcome, reader.read().outcome, reader.read().outcome]).toEqual([
      Outcome.PASSED,
      Outcome.PASSED,
      Outcome.EMPTY,
    ])
  })

  it.each([0, 1, 2])(
    'abandons a span whose entry %i is held, and leaves none of its generations undecided',
    (index) => {
      const [stopped, writer, reader] = join(subject, 12)
      for (let count = 0; count < index; count++) writer.write()
      stopped.stall()
      for (let count = index + 1; count < 12; count++) writer.write()
      const text = spanning(3)
      const generation = writer.write(text)
      expect(generation).toBe(writer.zone.origin + 15)
      reader.reader.seek(writer.zone.origin + 12)
      expect([0, 1, 2].map(() => reader.read().outcome)).toEqual([Outcome.PASSED, Outcome.PASSED, Outcome.PASSED])
      expect(reader.readAll()).toEqual([text])
      for (let at = 12; at < 15; at++) {
        const expected = at - 12 === index ? [Phase.STALE, stopped.worker] : [Phase.VOID, NOBODY]
        const { phase, owner } = writer.stateOf(writer.zone.origin + at)
        expect([phase, owner]).toEqual(expected)
      }
    },
  )
})

describeOnBothRegions('a writer that meets a slot of a dead writer', (subject) => {
  it.each([
    ['between draw and label', (dead: Participant) => void dead.draw(3)],
    ['after labelling', (dead: Participant) => void dead.stall(3)],
    [
      'after labelling some of its slots',
      (dead: Participant) => {
        const generation = dead.draw(3)
        dead.label(generation)
        dead.label(generation + 1)
      },
    ],
  ])('that died %s uses it at once, at the first attempt', (_, dieMidway) => {
    const [dead, writer] = join(subject, 12)
    dieMidway(dead)
    dead.die()
    for (let count = 3; count < 12; count++) writer.write()
    const before = writer.zone.head()
    for (let count = 0; count < 3; count++) writer.write(`${count}`, { retries: 0 })
    expect(writer.zone.head() - before).toBe(3)
  })

  it('uses also what others had marked stale in its name', async () => {
    const [dead, writer] = join(subject, 2)
    dead.stall()
    writer.write()
    writer.write()
    expect(writer.stateOf(writer.zone.origin)).toMatchObject({ phase: Phase.STALE, owner: dead.worker })
    dead.die()
    await until(() => writer.slots.isDead(dead.worker))
    writer.write('x', { retries: 0 })
    writer.write('y', { retries: 0 })
    expect(writer.stateOf(writer.zone.origin)).toMatchObject({ phase: Phase.COMMITTED })
  })
})

describeOnBothRegions('a writer that is stopped in the midst of a publish and comes back', (subject) => {
  it('finds its commit refused once a reader has judged, and publishes under a new generation', () => {
    const [writer, judge, reader] = join(subject, 4)
    const first = writer.zone.head()
    const meanwhile = (): void => {
      judge.slots.judge(first, true)
      expect(judge.stateOf(first)).toMatchObject({ phase: Phase.STALE, owner: writer.worker })
      judge.write('overtakes')
    }
    expect(writer.writeStoppedAfterLabelling(meanwhile, 'late')).toBe(first + 2)
    expect(writer.stateOf(first)).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
    expect(reader.readAll()).toEqual(['overtakes', 'late'])
  })

  it('tears nothing, though it fills a slot that was lapped many times meanwhile', () => {
    const [writer, other, reader] = join(subject, 4)
    const first = writer.zone.head()
    const texts: string[] = []
    const meanwhile = (): void => {
      for (let count = 0; count < 41; count++) other.write(`${count}`.repeat(20))
      reader.reader.seek(other.zone.head() - 4)
      texts.push(...reader.readAll())
    }
    const generation = writer.writeStoppedAfterLabelling(meanwhile, 'late'.repeat(20))
    expect(generation).toBeGreaterThan(first + 41)
    // One of the four slots was held all the time.
    expect(texts).toEqual(['38', '39', '40'].map((text) => text.repeat(20)))
    expect(reader.readAll()).toEqual(['late'.repeat(20)])
    expect(writer.stateOf(first)).toMatchObject({ owner: NOBODY })
    for (let count = 0; count < 4; count++) writer.write(`${count}`, { retries: 0 })
  })

  it('finds its generation decided if it was stopped before it labelled, and has written nothing', () => {
    const [writer, judge, reader] = join(subject, 4)
    const first = writer.zone.head()
    expect(writer.writeStoppedBeforeLabelling(() => judge.slots.decideVoid(first), 'late')).toBe(first + 1)
    expect(reader.readAll()).toEqual(['late'])
  })

  it('finds its generation lapped if it was stopped for a lap before it labelled', () => {
    const [writer, other, reader] = join(subject, 4)
    const first = writer.zone.head()
    const meanwhile = (): void => {
      for (let count = 0; count < 4; count++) other.write(`${count}`)
    }
    expect(writer.writeStoppedBeforeLabelling(meanwhile, 'late')).toBe(first + 5)
    reader.reader.seek(first + 2)
    expect(reader.readAll()).toEqual(['1', '2', '3', 'late'])
  })

  it('puts back the word of a newer lap that only looks older after half of all laps', () => {
    const [writer, other, reader] = join(subject, 4)
    const first = writer.zone.head()
    const far = first + 4 * (LAPS / 2 + 1)
    const meanwhile = (): void => {
      // Nobody can wait for so many events: the zone is moved on as they would have moved it.
      Atomics.store(other.zone.i64, 512 / 8, BigInt(far))
      const before = stateWord(lapOf(far - 4, 4), NOBODY, Phase.VOID)
      for (let slot = 0; slot < 4; slot++) Atomics.store(other.zone.states, slot, before)
      expect(other.write('newer')).toBe(far)
      expect(lapsAhead(other.stateOf(far).word, lapOf(first, 4))).toBeLessThan(0)
    }
    expect(writer.writeStoppedBeforeLabelling(meanwhile, 'late')).toBe(far + 1)
    reader.reader.seek(far)
    expect(reader.readAll()).toEqual(['newer', 'late'])
  })

  it('leaves a span whose first entry was judged meanwhile without a trace', () => {
    const [writer, judge, reader] = join(subject, 12)
    const first = writer.zone.head()
    const text = spanning(3)
    expect(writer.writeStoppedAfterLabelling(() => judge.slots.judge(first, true), text)).toBe(first + 3)
    expect([0, 1, 2].map((at) => writer.stateOf(first + at))).toMatchObject(
      Array(3).fill({ phase: Phase.VOID, owner: NOBODY }),
    )
    expect(reader.readAll()).toEqual([text])
  })

  it('commits a span of which a continuation was judged: the first entry alone decides', () => {
    const [writer, judge, reader] = join(subject, 12)
    const first = writer.zone.head()
    const text = spanning(3)
    expect(writer.writeStoppedAfterLabelling(() => judge.slots.judge(first + 1, true), text)).toBe(first)
    expect(reader.readAll()).toEqual([text])
    expect(writer.stateOf(first + 1)).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
  })
})

describeOnBothRegions('a record', (subject) => {
  it('names its full generation, its publisher, and the lengths of what follows', () => {
    const [writer] = join(subject, 8)
    const generation = writer.write('żółw', { key: 'klucz' })
    const { i32, f64, bytes } = writer.zone
    const at = writer.zone.recordAt(generation % 8)
    expect(f64[(at + Field.generation) / 8]).toBe(generation)
    expect(i32[(at + Field.pid) / 4]).toBe(process.pid)
    expect(bytes.readUInt16LE(at + Field.worker)).toBe(writer.worker)
    expect(bytes.readInt32LE(at + Field.length)).toBe(7)
    expect(bytes.readUInt16LE(at + Field.keyLength)).toBe(5)
    expect(bytes.toString('utf8', at + Field.payload, at + Field.payload + 12)).toBe('kluczżółw')
  })
})
