/** Taking and claiming a key, stopped between any two atomic steps while others take and claim the same. */
import { CONFIRMED, Cell, lowIn, phaseIn, tagIn } from '../../src/layout.js'
import type { HeldKey } from '../../src/unique/keys.js'
import { atEveryStep, stoppedBefore } from '../interruption.js'
import type { Participant } from '../participant.js'
import { describeOnBothRegions } from '../subjects.js'

const key = Buffer.from('k')

/** Tags and phases of the cells that are not free. */
function cells({ zone }: Participant): { tag: bigint; phase: number }[] {
  const { cellsAt, bucketCells } = zone.geometry
  const words = Array.from({ length: bucketCells }, (_, cell) => zone.i64[(cellsAt + cell * Cell.bytes) / 8])
  return words.filter((word) => word !== 0n).map((word) => ({ tag: tagIn(word), phase: phaseIn(lowIn(word)) }))
}

/** Runs `act` on a clock that stands where `time` says at each look. */
function onClock<T>(time: () => number, act: () => T): T {
  const hrtime = Object.getOwnPropertyDescriptor(process, 'hrtime') ?? {}
  const look = (): [number, number] => [0, time() * 1e6]
  Object.defineProperty(process, 'hrtime', { ...hrtime, value: look })
  try {
    return act()
  } finally {
    Object.defineProperty(process, 'hrtime', hrtime)
  }
}

describeOnBothRegions('a publisher of a key that is stopped before any of its atomic steps', (subject) => {
  it.each([
    { cell: 'free', before: 0, sinceThen: 60, meanwhile: 0 },
    { cell: 'expired', before: 50, sinceThen: 60, meanwhile: 0 },
    { cell: 'about to expire', before: 50, sinceThen: 40, meanwhile: 20 },
  ])('has it or the other has it, never both or none, where the first cell is $cell', (times) => {
    const steps = atEveryStep((step) => {
      const zone = subject.makeZone({ uniqueKeys: 3, maxWorkers: 3 })
      const [stopped, other, third] = [zone.join(), zone.join(), zone.join()]
      let now = 100
      const reached = onClock(
        () => now,
        () => {
          if (times.before > 0) third.keys.take(Buffer.from('before'), times.before)
          now += times.sinceThen
          let others: unknown
          const meanwhile = (): void => {
            now += times.meanwhile
            others = other.keys.take(key, 1000)
          }
          const found = stoppedBefore(step, () => stopped.keys.take(key, 1000), meanwhile)
          expect([found.result, others].filter((held) => held !== undefined)).toHaveLength(1)
          expect(third.keys.take(key, 1000)).toBeUndefined()
          return found.reached
        },
      )
      const confirmed = cells(stopped).filter(({ phase }) => phase === CONFIRMED)
      expect(cells(stopped)).toEqual(confirmed)
      expect(new Set(confirmed.map(({ tag }) => tag)).size).toBe(confirmed.length)
      for (const participant of [stopped, other, third]) participant.leave()
      return reached
    })
    expect(steps).toBeGreaterThan(8)
  })

  it('leaves it to the other, and to a third, however it is stopped twice', () => {
    const zone = subject.makeZone({ uniqueKeys: 3, maxWorkers: 3 })
    const [one, two, three] = [zone.join(), zone.join(), zone.join()]
    let histories = 0
    const steps = atEveryStep((step) => {
      let isReached = false
      atEveryStep((second) => {
        const held: [Participant, HeldKey | undefined][] = []
        let isSecondReached = false
        const thirds = (): void => void held.push([three, three.keys.take(key, 1e6)])
        const seconds = (): void => {
          const { reached, result } = stoppedBefore(second, () => two.keys.take(key, 1e6), thirds)
          isSecondReached = reached
          held.push([two, result])
        }
        const { reached, result } = stoppedBefore(step, () => one.keys.take(key, 1e6), seconds)
        held.push([one, result])
        expect(held.filter(([, each]) => each !== undefined)).toHaveLength(1)
        expect(cells(one)).toHaveLength(1)
        for (const [who, each] of held) if (each !== undefined) who.keys.release(each)
        isReached ||= reached
        histories++
        return isSecondReached
      })
      return isReached
    })
    expect(steps).toBeGreaterThan(8)
    expect(histories).toBeGreaterThan(80)
  })
})

describeOnBothRegions('a claimant that is stopped before any of its atomic steps', (subject) => {
  it('executes the event, or the other does, but never both', () => {
    const zone = subject.makeZone()
    const [stopped, other] = [zone.join(), zone.join()]
    const steps = atEveryStep((step) => {
      const generation = stopped.write('1', { key: 'k' })
      const winners: Participant[] = []
      const execute = (who: Participant): void => {
        if (who.claims.claim(generation) !== 'won') return
        who.claims.execute(generation)
        winners.push(who)
      }
      const { reached } = stoppedBefore(
        step,
        () => execute(stopped),
        () => execute(other),
      )
      for (const who of [other, stopped]) execute(who)
      expect(winners).toHaveLength(1)
      return reached
    })
    expect(steps).toBeGreaterThanOrEqual(4)
  })

  it('leaves the event to another when it dies before it executes, and to nobody when it dies afterwards', () => {
    const zone = subject.makeZone({ maxWorkers: 2 })
    const other = zone.join()
    const takenOver: boolean[] = []
    atEveryStep((step) => {
      const dead = zone.join()
      const generation = other.write('1', { key: 'k' })
      let isReached = false
      const act = (): void => {
        dead.claims.claim(generation)
        dead.claims.execute(generation)
      }
      const die = (): void => {
        isReached = true
        dead.die()
        throw new Error('killed')
      }
      try {
        stoppedBefore(step, act, die)
        dead.die()
      } catch (error) {
        expect(error).toEqual(new Error('killed'))
      }
      takenOver.push(other.claims.claim(generation) === 'won')
      return isReached
    })
    expect(takenOver.at(-1)).toBe(false)
    expect(takenOver.slice(0, -1)).toEqual(takenOver.slice(0, -1).fill(true))
  })
})
