/** Publishing, reading and joining, stopped between any two atomic steps while others go on, and ended there. */
import { Phase } from '../../src/layout.js'
import { Outcome } from '../../src/ring/reader.js'
import { atEveryStep, stoppedBefore } from '../interruption.js'
import type { Participant } from '../participant.js'
import { type Subject, type TestZone, describeOnBothRegions } from '../subjects.js'

const RING = 12
const spanning = (span: number, mark: string): string => mark.repeat(span * 256 - 176)

/** What a reader finds from where it stands on; undecided generations are judged as after the longest wait. */
function readOn(reader: Participant): string[] {
  const texts: string[] = []
  for (;;) {
    const { outcome, text } = reader.read()
    if (text !== undefined) texts.push(text)
    else if (outcome === Outcome.UNDECIDED) judge(reader)
    else if (outcome === Outcome.LAPPED)
      reader.reader.seek(Math.max(reader.zone.head() - RING, reader.reader.cursor + 1))
    else if (outcome === Outcome.EMPTY) return texts
  }
}

function judge({ reader, slots }: Participant): void {
  if (reader.isUnlabelled) slots.decideVoid(reader.cursor)
  else slots.judge(reader.cursor, true)
}

function heldSlots({ zone }: Participant): number {
  return [...zone.states].filter((word) => (word & 1) === Phase.BUSY).length
}

/** A zone with some events in it, so that the laps wrap for those that follow soon. */
function makeZone(subject: Subject): { zone: TestZone; writer: Participant; other: Participant; reader: Participant } {
  const zone = subject.makeZone({ ringSize: RING, entryPayload: 80, maxWorkers: 4 })
  const [writer, other, reader] = [zone.join(), zone.join(), zone.join()]
  for (let count = 0; count < 2 * RING + 7; count++) other.write('before')
  reader.reader.seek(reader.zone.head())
  return { zone, writer, other, reader }
}

// What others do while a publisher is stopped: so many events, so that its generation is passed or lapped or neither.
const meanwhiles = [0, 1, 2, 5, 9, 10, 12, 13, 40]

describeOnBothRegions('a publisher that is stopped before any of its atomic steps', (subject) => {
  it.each(meanwhiles)('publishes its event once and whole when it comes back after %i events of others', (events) => {
    const text = spanning(3, 's')
    const { writer, other, reader } = makeZone(subject)
    const steps = atEveryStep((step) => {
      const start = writer.zone.head()
      const log: string[] = []
      const meanwhile = (): void => {
        for (let count = 0; count < events; count++) other.write(`${count}`)
        log.push(...readOn(reader))
      }
      const { reached, result } = stoppedBefore(step, () => writer.write(text), meanwhile)
      log.push(...readOn(reader))
      expect(log.filter((one) => one.length > 2 && one !== text)).toEqual([])
      const isRetained = writer.zone.head() - result <= RING
      expect(log.filter((one) => one === text)).toHaveLength(isRetained || log.includes(text) ? 1 : 0)
      // Who reads later sees what was seen before.
      reader.reader.seek(Math.max(start, writer.zone.head() - RING))
      const again = readOn(reader)
      expect(again).toEqual(again.length === 0 ? [] : log.slice(-again.length))
      expect(again.includes(text)).toBe(isRetained)
      expect(heldSlots(writer)).toBe(0)
      return reached
    })
    expect(steps).toBeGreaterThan(10)
  })

  it('leaves nothing held and nothing undecided when it dies there instead, whatever came of its event', () => {
    let published = 0
    const { zone, other, reader } = makeZone(subject)
    const steps = atEveryStep((step) => {
      const writer = zone.join()
      const isReached = dies(
        writer,
        () => stoppedBefore(step, () => writer.write(spanning(3, 's')), kill(writer)).reached,
      )
      for (let count = 0; count < RING - 3; count++) other.write(`${count}`, { retries: 0 })
      const texts = readOn(reader)
      expect(texts.slice(-9)).toEqual(Array.from({ length: 9 }, (_, count) => `${count}`))
      if (texts.length === 10) expect(texts[0]).toBe(spanning(3, 's'))
      else expect(texts).toHaveLength(9)
      published += texts.length - 9
      for (let count = 0; count < RING; count++) other.write('after', { retries: 0 })
      expect(heldSlots(other)).toBe(0)
      reader.reader.seek(reader.zone.head())
      return isReached
    })
    // The event stands where it was committed before the end came.
    expect(published).toBeGreaterThan(0)
    expect(published).toBeLessThan(steps)
  })
})

class Killed extends Error {}

function kill(participant: Participant): () => void {
  return () => {
    participant.die()
    // Nothing of the killed one may run any more: not even what it does when it fails.
    participant.slots.release = () => undefined
    throw new Killed()
  }
}

/** True if it was killed before it was done. */
function dies(participant: Participant, act: () => unknown): boolean {
  try {
    act()
  } catch (error) {
    if (error instanceof Killed) return true
    throw error
  }
  participant.die()
  return false
}

function leave(...participants: Participant[]): void {
  for (const participant of participants) participant.leave()
}

describeOnBothRegions('a reader that is stopped before any of its atomic steps', (subject) => {
  it.each(['x'.repeat(60), 'ü'.repeat(30), spanning(3, 'x'), 'ü'.repeat(150)])(
    'takes an event whole or not at all, whatever was published meanwhile (%#)',
    (text) => {
      for (const events of meanwhiles) {
        const outcomes = new Set<Outcome>()
        const { writer, other, reader } = makeZone(subject)
        const steps = atEveryStep((step) => {
          reader.reader.seek(writer.write(text))
          const { reached, result } = stoppedBefore(
            step,
            () => reader.read(),
            () => {
              for (let count = 0; count < events; count++) other.write('y'.repeat(60))
            },
          )
          outcomes.add(result.outcome)
          if (result.outcome === Outcome.EVENT) expect(result.text).toBe(text)
          else expect(result).toEqual({ outcome: Outcome.LAPPED, text: undefined })
          return reached
        })
        expect(steps).toBeGreaterThanOrEqual(2)
        expect(outcomes.has(Outcome.LAPPED)).toBe(
          events + Math.ceil((text.length + 176) / 256) > RING || events >= RING,
        )
      }
    },
  )
})

describeOnBothRegions('a worker that is stopped before any of the atomic steps by which it joins', (subject) => {
  it('has a place of its own, and loses nothing that is published once it shows itself', () => {
    const steps = atEveryStep((step) => {
      const zone = subject.makeZone({ ringSize: RING, maxWorkers: 4 })
      const publisher = zone.join()
      let other: Participant | undefined
      let shown = -1
      const { reached, result } = stoppedBefore(
        step,
        () => zone.join(),
        () => {
          other = zone.join()
          publisher.write('meanwhile')
          if (publisher.backlog.oldestUnread(publisher.zone.head()) < publisher.zone.head())
            shown = publisher.zone.head()
        },
      )
      const workers = [publisher, result, other].flatMap((one) => (one === undefined ? [] : [one.worker]))
      expect(new Set(workers).size).toBe(reached ? 3 : 2)
      // Where a publisher already had to wait for it, its cursor is not beyond what was published then.
      if (shown >= 0) expect(result.reader.cursor).toBeLessThanOrEqual(shown)
      publisher.write('after')
      expect(result.readAll().at(-1)).toBe('after')
      leave(...(other === undefined ? [publisher, result] : [publisher, result, other]))
      return reached
    })
    expect(steps).toBeGreaterThan(5)
  })

  it('holds up no publisher that may not overwrite, and is overtaken by none, in the place of one that died long ago', () => {
    const zone = subject.makeZone({ ringSize: RING, maxWorkers: 2, overflow: 'reject' })
    const [publisher, first] = [zone.join(), zone.join()]
    first.die()
    const fill = (): number => {
      for (let count = 0; count < RING; count++) {
        try {
          publisher.write('x')
        } catch {
          return count
        }
        publisher.membership.storeCursor(publisher.zone.head())
      }
      return RING
    }
    let refusals = 0
    const steps = atEveryStep((step) => {
      for (let lap = 0; lap < 3; lap++) expect(fill()).toBe(RING)
      let filled = RING
      const { reached, result } = stoppedBefore(
        step,
        () => zone.join(),
        () => (filled = fill()),
      )
      if (filled < RING) refusals++
      expect([Outcome.EMPTY, Outcome.EVENT]).toContain(result.read().outcome)
      result.die()
      return reached
    })
    // Its proof of life and its mark are two steps; between the two it looks like the one that died.
    expect(refusals).toBeLessThanOrEqual(1)
    expect(steps).toBeGreaterThan(5)
  })
})
