/** The reading side of the ring: what it finds at its cursor, and that it never takes what changed under its copy. */
import fc from 'fast-check'
import { Field, NOBODY, Phase, lapOf, stateWord } from '../../src/layout.js'
import { type Interests, Outcome } from '../../src/ring/reader.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

const { EMPTY, UNDECIDED, LAPPED, PASSED, EVENT } = Outcome

function join(subject: Subject, ringSize: number): [Participant, Participant, Participant] {
  const zone = subject.makeZone({ ringSize, entryPayload: 80 })
  return [zone.join(), zone.join(), zone.join()]
}

const spanning = (span: number, mark = 'x'): string => mark.repeat(span * 256 - 176)

describeOnBothRegions('a reader', (subject) => {
  it('finds nothing at the head, and stays there', () => {
    const [reader] = join(subject, 4)
    expect([reader.read().outcome, reader.read().outcome]).toEqual([EMPTY, EMPTY])
    expect(reader.reader.cursor).toBe(reader.zone.head())
  })

  it('takes an event and goes behind all of its entries', () => {
    const [reader, writer] = join(subject, 12)
    const text = spanning(3)
    const generation = writer.write(text)
    expect(reader.read()).toEqual({ outcome: EVENT, text })
    expect(reader.reader.cursor).toBe(generation + 3)
    expect(reader.reader.entry.generation).toBe(generation)
  })

  it.each([
    ['drawn and not labelled', (writer: Participant) => void writer.draw(), true],
    ['labelled and not committed', (writer: Participant) => void writer.stall(), false],
  ])('waits at a generation that is %s', (_, stop, isUnlabelled) => {
    const [reader, writer] = join(subject, 4)
    stop(writer)
    writer.write('behind')
    expect(reader.read().outcome).toBe(UNDECIDED)
    expect(reader.reader.cursor).toBe(reader.zone.origin)
    expect(reader.reader.isUnlabelled).toBe(isUnlabelled)
    expect(reader.reader.isDecided).toBe(false)
  })

  it.each([Phase.VOID, Phase.STALE])('passes a generation without an event, of phase %i', (phase) => {
    const [reader, writer] = join(subject, 4)
    const generation = writer.stall()
    const word = stateWord(lapOf(generation, 4), phase === Phase.VOID ? NOBODY : writer.worker, phase)
    Atomics.store(writer.zone.states, generation % 4, word)
    writer.write('behind')
    expect(reader.reader.isDecided).toBe(true)
    expect(reader.read().outcome).toBe(PASSED)
    expect(reader.readAll()).toEqual(['behind'])
  })

  it('knows when it was lapped, and by one entry already', () => {
    const [reader, writer] = join(subject, 4)
    for (let count = 0; count < 4; count++) writer.write(`${count}`)
    expect(reader.read()).toEqual({ outcome: EVENT, text: '0' })
    reader.reader.seek(reader.zone.origin)
    writer.write('4')
    expect(reader.read().outcome).toBe(LAPPED)
    expect(reader.reader.cursor).toBe(reader.zone.origin)
  })

  it('knows when it was lapped by one who drew its generation and did no more', () => {
    const [reader, writer] = join(subject, 4)
    for (let count = 0; count < 4; count++) writer.write(`${count}`)
    const generation = writer.draw()
    // Its entry is still there, and whole: it may be taken or given up, but nothing else.
    expect(reader.read()).toEqual({ outcome: EVENT, text: '0' })
    writer.label(generation)
    reader.reader.seek(reader.zone.origin)
    expect(reader.read().outcome).toBe(LAPPED)
  })

  it('passes an event that nobody asks for without decoding it', () => {
    const [reader, writer] = join(subject, 12)
    writer.write(spanning(2))
    writer.write('wanted', { type: 'wanted' })
    const named = { channel: 'c', type: 'wanted' }
    const interests: Interests = { find: (record) => (record.type() === 'wanted' ? named : undefined) }
    expect(reader.reader.next(interests)).toBe(PASSED)
    expect(reader.reader.entry.text).toBe('')
    expect(reader.reader.cursor).toBe(reader.zone.origin + 2)
    expect(reader.reader.next(interests)).toBe(EVENT)
    expect(reader.reader.entry.named).toBe(named)
  })

  it('passes continuation entries when it lands in the midst of a span', () => {
    const [reader, writer] = join(subject, 12)
    writer.write(spanning(3))
    writer.write('next')
    reader.reader.seek(reader.zone.origin + 1)
    expect([reader.read().outcome, reader.read().outcome]).toEqual([PASSED, PASSED])
    expect(reader.readAll()).toEqual(['next'])
  })

  it('reads a continuation that its dead writer never released as an event of nobody', () => {
    const [reader, writer] = join(subject, 12)
    const first = writer.stall(2)
    writer.die()
    reader.slots.judge(first, false)
    reader.slots.judge(first + 1, false)
    expect([reader.read().outcome, reader.read().outcome, reader.read().outcome]).toEqual([PASSED, PASSED, EMPTY])
  })
})

describeOnBothRegions('the check after the copy', (subject) => {
  /** A record that is overwritten by `change` after it was copied must not be taken. */
  const bodies: [string, string | Uint8Array, string | undefined][] = [
    ['short text of ASCII, taken as words', 'x'.repeat(60), undefined],
    ['long text of ASCII, taken as a string', 'x'.repeat(580), undefined],
    ['other text', 'ü'.repeat(30), undefined],
    ['bytes', new Uint8Array(60).fill(120), undefined],
    ['text with a key', 'x'.repeat(50), 'key'],
    ['text that spans entries', spanning(3), undefined],
  ]

  it.each(bodies)('rejects %s that was overwritten meanwhile', (_, body, key) => {
    const [reader, writer] = join(subject, 12)
    writer.write(body, key === undefined ? {} : { key })
    reader.whenCopied(() => {
      for (let count = 0; count < 12; count++) writer.write('y'.repeat(60))
    })
    expect(reader.read().outcome).toBe(LAPPED)
    expect(reader.reader.cursor).toBe(reader.zone.origin)
  })

  it.each(bodies)(
    'rejects %s when a writer of the next lap has labelled the slot and stored nothing yet',
    (_, body, key) => {
      const [reader, writer, next] = join(subject, 12)
      const generation = writer.write(body, key === undefined ? {} : { key })
      reader.whenCopied(() => {
        while (next.zone.head() < generation + 12) next.draw()
        next.stall()
      })
      expect(reader.read().outcome).toBe(LAPPED)
    },
  )

  it.each([1, 2])(
    'rejects a span of which entry %i alone belongs to a newer lap, while its first is unchanged',
    (index) => {
      const [reader, writer, next] = join(subject, 12)
      const generation = writer.write(spanning(3))
      reader.whenCopied(() => {
        while (next.zone.head() < generation + 12 + index) next.draw()
        const newer = next.stall()
        const at = next.zone.recordAt(newer % 12)
        next.zone.bytes.fill('y', at, at + 256)
      })
      expect(reader.read().outcome).toBe(LAPPED)
    },
  )

  it('takes what is unchanged although others publish beside it', () => {
    const [reader, writer] = join(subject, 12)
    writer.write(spanning(3))
    reader.whenCopied(() => {
      for (let count = 0; count < 9; count++) writer.write('y')
    })
    expect(reader.read()).toEqual({ outcome: EVENT, text: spanning(3) })
  })

  it('rejects a state word that has come round after 2²⁰ laps, by the generation in the record', () => {
    const [reader, writer] = join(subject, 4)
    const generation = writer.write('newer')
    reader.reader.seek(generation - 4 * 2 ** 20)
    expect(reader.read().outcome).toBe(LAPPED)
    reader.reader.seek(generation)
    expect(reader.read()).toEqual({ outcome: EVENT, text: 'newer' })
  })

  it('does not believe a void of its own lap that is 2²⁰ laps away', () => {
    const [reader, writer] = join(subject, 4)
    const generation = writer.stall()
    writer.letGo(generation)
    reader.reader.seek(generation - 4 * 2 ** 20)
    expect(reader.read().outcome).toBe(LAPPED)
  })
})

describeOnBothRegions('a reader of garbage', (subject) => {
  it('neither throws nor reads outside the record, whatever stands in it', () => {
    const zone = subject.makeZone({ ringSize: 8, entryPayload: 80 })
    const [reader, writer] = [zone.join(), zone.join()]
    const words = fc.array(fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 2 ** 31 - 1, -(2 ** 31))), {
      minLength: 256 / 4 - 2,
      maxLength: 256 / 4 - 2,
    })
    fc.assert(
      fc.property(words, fc.nat(7), (garbage, shift) => {
        for (let count = 0; count < shift; count++) writer.write()
        const generation = writer.write('x')
        const at = writer.zone.recordAt(generation % 8) / 4
        // All but the generation itself, which the check after the copy asks for.
        garbage.forEach((word, index) => {
          writer.zone.i32[at + 2 + index] = word
        })
        reader.reader.seek(generation)
        const { outcome } = reader.read()
        expect([EVENT, PASSED, UNDECIDED, LAPPED]).toContain(outcome)
        if (outcome !== EVENT) return
        const { text, bytes, channel, type, key } = reader.reader.entry
        const most = writer.zone.geometry.spanBytes(writer.zone.geometry.maxSpan)
        expect(text.length).toBeLessThanOrEqual(most)
        expect(bytes?.length ?? 0).toBeLessThanOrEqual(most)
        expect(key?.length ?? 0).toBeLessThanOrEqual(256)
        expect(channel.length).toBeLessThanOrEqual(64)
        expect(type.length).toBeLessThanOrEqual(64)
      }),
      { numRuns: 500 },
    )
  })

  it('takes no more memory than the largest event, whatever lengths it finds', () => {
    const [reader, writer] = join(subject, 8)
    const generation = writer.write('ü')
    const at = writer.zone.recordAt(generation % 8)
    writer.zone.i32[(at + Field.span) / 4] = 1_000_000
    writer.zone.i32[(at + Field.length) / 4] = 2 ** 27
    const before = process.memoryUsage().arrayBuffers
    expect(reader.read().outcome).toBe(UNDECIDED)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })
})
