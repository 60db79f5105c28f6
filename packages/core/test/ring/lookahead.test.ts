/** Copying ahead of delivery: nothing of it shows but that copies outlive their entries. */
import { Lookahead } from '../../src/ring/lookahead.js'
import { Outcome, type RecordView } from '../../src/ring/reader.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

const { EVENT } = Outcome
const RING = 12

/** Wants events of some types, which may change. */
class Wants {
  version = 1
  #types: string[]

  constructor(...types: string[]) {
    this.#types = types
  }

  find(record: RecordView): { channel: string; type: string } | undefined {
    const type = record.type()
    return this.#types.includes(type) ? { channel: record.channel(), type } : undefined
  }

  change(...types: string[]): void {
    this.#types = types
    this.version++
  }
}

function join(subject: Subject, wants: Wants) {
  const zone = subject.makeZone({ ringSize: RING, entryPayload: 80 })
  const writer = zone.join()
  const reader = new Lookahead(writer.zone, writer.zone.head())
  const read = (): string => {
    const outcome = reader.next(wants)
    return outcome === EVENT ? reader.entry.text : Object.keys(Outcome)[outcome]
  }
  return { writer, reader, read }
}

function writeMany(writer: Participant, from: number, to: number, type = 't'): void {
  for (let number = from; number <= to; number++) writer.write(`${number}`, { type })
}

describeOnBothRegions('a reader that looks ahead', (subject) => {
  it('stands behind what it handed out, whatever it has copied', () => {
    const { writer, reader, read } = join(subject, new Wants('t'))
    const start = reader.cursor
    writeMany(writer, 1, 5)
    const steps = Array.from({ length: 5 }, () => [read(), reader.cursor - start])
    expect(steps).toEqual([1, 2, 3, 4, 5].map((number) => [`${number}`, number]))
    expect(read()).toBe('EMPTY')
    expect(reader.cursor).toBe(writer.zone.head())
  })

  it('hands out whole what was overwritten since it was copied, and then knows what it lost', () => {
    const { writer, reader, read } = join(subject, new Wants('t'))
    const start = reader.cursor
    writeMany(writer, 1, 4)
    expect(read()).toBe('1')
    writeMany(writer, 5, 30)
    expect([read(), read(), read(), read()]).toEqual(['2', '3', '4', 'LAPPED'])
    expect(reader.cursor).toBe(start + 4)
  })

  it('looks again when what is wanted changes', () => {
    const wants = new Wants('t')
    const { writer, reader, read } = join(subject, wants)
    const start = reader.cursor
    for (let number = 1; number <= 9; number++) writer.write(`${number}`, { type: number % 2 === 1 ? 't' : 'u' })
    expect([read(), read()]).toEqual(['1', '3'])
    wants.change('u')
    expect([read(), reader.cursor - start]).toEqual(['4', 4])
    wants.change('u', 't')
    expect([read(), read(), read(), reader.cursor - start]).toEqual(['5', '6', '7', 7])
    wants.change()
    expect([read(), reader.cursor - start]).toEqual(['PASSED', 9])
    expect(read()).toBe('EMPTY')
  })

  it('passes many that nobody wants in one step, and stands behind them', () => {
    const { writer, reader, read } = join(subject, new Wants('wanted'))
    writeMany(writer, 1, 8)
    expect([read(), reader.cursor]).toEqual(['PASSED', writer.zone.head()])
    writer.write('9', { type: 'wanted' })
    writeMany(writer, 10, 12)
    expect([read(), reader.cursor]).toEqual(['9', writer.zone.head() - 3])
    expect([read(), reader.cursor]).toEqual(['EMPTY', writer.zone.head()])
  })

  it.each<[string, (writer: Participant) => unknown, boolean]>([
    ['drawn and not labelled', (writer) => writer.draw(), true],
    ['labelled and not committed', (writer) => writer.stall(), false],
  ])('hands out what is before a generation that is %s, and waits there', (_, stop, isUnlabelled) => {
    const { writer, reader, read } = join(subject, new Wants('t'))
    const start = reader.cursor
    writeMany(writer, 1, 2)
    stop(writer)
    writeMany(writer, 3, 4)
    expect([read(), read(), read()]).toEqual(['1', '2', 'UNDECIDED'])
    expect([reader.cursor - start, reader.isUnlabelled, reader.isDecided]).toEqual([2, isUnlabelled, false])
    if (isUnlabelled) writer.slots.decideVoid(reader.cursor)
    else writer.slots.judge(reader.cursor, true)
    expect(reader.isDecided).toBe(true)
    expect([read(), read(), read()]).toEqual(['3', '4', 'EMPTY'])
  })

  it.each<[string, (writer: Participant) => unknown]>([
    ['a unique event', (writer) => writer.write('special', { key: 'k' })],
    ['an event of several entries', (writer) => writer.write(`special${'x'.repeat(200)}`)],
  ])('copies nothing beyond %s', (_, write) => {
    const { writer, read, reader } = join(subject, new Wants('t'))
    writeMany(writer, 1, 1)
    write(writer)
    writeMany(writer, 2, 3)
    expect([read(), read().slice(0, 7)]).toEqual(['1', 'special'])
    const { cursor } = reader
    writeMany(writer, 4, 40)
    expect([read(), reader.cursor]).toEqual(['LAPPED', cursor])
  })

  it('forgets what it copied when it is put elsewhere', () => {
    const { writer, reader, read } = join(subject, new Wants('t'))
    const start = reader.cursor
    writeMany(writer, 1, 6)
    expect(read()).toBe('1')
    reader.seek(start + 4)
    expect([read(), read(), read()]).toEqual(['5', '6', 'EMPTY'])
    reader.seek(start)
    expect(read()).toBe('1')
  })

  it('takes what is published while it hands out', () => {
    const { writer, read } = join(subject, new Wants('t'))
    writeMany(writer, 1, 1)
    const taken = Array.from({ length: 100 }, (_, index) => {
      writer.write(`${index + 2}`)
      return read()
    })
    expect(taken).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 1}`))
  })
})
