/** The key table: of all publishers of one key exactly one takes it, wherever each of them is stopped meanwhile. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { Cell, CONFIRMED, TENTATIVE, expiryIn, lowIn, ownerIn, phaseIn } from '../../src/layout.js'
import { coded } from '../expectations.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

const key = (name: string): Buffer => Buffer.from(name)

/** A clock for all, that stands still until it is moved, and calls back at each look at it. */
class Clock {
  milliseconds = 1000
  /** What others do, by the number of the look at which they do it. */
  readonly interruptions = new Map<number, () => void>()
  #looks = 0

  /** Runs `test` on this clock. Who looks gets the time as it was when it looked, whatever happens before it goes on. */
  run<T>(test: () => T): T {
    const hrtime = Object.getOwnPropertyDescriptor(process, 'hrtime') ?? {}
    const look = (): [number, number] => {
      const seen = this.milliseconds
      const interruption = this.interruptions.get(++this.#looks)
      this.interruptions.delete(this.#looks)
      interruption?.()
      return [Math.floor(seen / 1000), (seen % 1000) * 1e6]
    }
    Object.defineProperty(process, 'hrtime', { ...hrtime, value: look })
    try {
      return test()
    } finally {
      Object.defineProperty(process, 'hrtime', hrtime)
    }
  }

  /** Has something happen at the n-th look from now on. */
  at(look: number, happen: () => void): void {
    this.interruptions.set(this.#looks + look, happen)
  }
}

function join(subject: Subject, uniqueKeys: number): [Participant, Participant, Participant] {
  const zone = subject.makeZone({ uniqueKeys })
  return [zone.join(), zone.join(), zone.join()]
}

/** Phase and owner of each cell; empty text for one that is free. */
function cells({ zone }: Participant): string[] {
  const { cellsAt, buckets, bucketCells } = zone.geometry
  return Array.from({ length: buckets * bucketCells }, (_, cell) => {
    const word = Atomics.load(zone.i64, (cellsAt + cell * Cell.bytes) / 8)
    const phase = { 0: '', [TENTATIVE]: 'tentative', [CONFIRMED]: 'confirmed' }[phaseIn(lowIn(word))] ?? '?'
    return word === 0n ? '' : `${phase} ${ownerIn(lowIn(word))}`
  })
}

describeOnBothRegions('the key table', (subject) => {
  it('gives a key to one, and again to another when its time is over', () => {
    const [one, two] = join(subject, 4)
    const clock = new Clock()
    clock.run(() => {
      expect(one.keys.take(key('k'), 100)).toBeDefined()
      expect(cells(one)).toEqual(['confirmed 0', '', '', ''])
      clock.milliseconds += 99
      expect(two.keys.take(key('k'), 100)).toBeUndefined()
      expect(one.keys.take(key('k'), 100)).toBeUndefined()
      clock.milliseconds += 1
      expect(two.keys.take(key('k'), 100)).toBeDefined()
      expect(cells(one)).toEqual(['confirmed 1', '', '', ''])
    })
  })

  it('counts the life of a key from its publish on, in whole milliseconds, rounded up', () => {
    const [one] = join(subject, 1)
    const clock = new Clock()
    clock.milliseconds = 1000.25
    clock.run(() => one.keys.take(key('k'), 0.5))
    expect(expiryIn(Atomics.load(one.zone.i64, (one.zone.geometry.cellsAt + Cell.expiry) / 8))).toBe(1001)
  })

  it('refuses when every cell is taken, and uses a cell again as soon as its time is over', () => {
    const [one] = join(subject, 3)
    const clock = new Clock()
    clock.run(() => {
      for (const name of ['a', 'b', 'c']) expect(one.keys.take(key(name), name === 'b' ? 50 : 100)).toBeDefined()
      expect(() => one.keys.take(key('d'), 100)).toThrow(coded('ERR_UNIQUE_FULL', 'room for 3'))
      clock.milliseconds += 50
      expect(one.keys.take(key('d'), 100)).toBeDefined()
      expect(() => one.keys.take(key('e'), 100)).toThrow(coded('ERR_UNIQUE_FULL'))
      expect(['a', 'c', 'd'].map((name) => one.keys.take(key(name), 100))).toEqual(Array(3).fill(undefined))
    })
  })

  it('holds thousands of keys in a table of many buckets', () => {
    const [one, two] = join(subject, 2000)
    const names = Array.from({ length: 2000 }, (_, index) => `key ${index}`)
    for (const name of names) expect(one.keys.take(key(name), 1e6)).toBeDefined()
    for (const name of names) expect(two.keys.take(key(name), 1e6)).toBeUndefined()
  })

  it('frees a key that is given back, and not one that another has taken since', () => {
    const [one, two] = join(subject, 1)
    const clock = new Clock()
    clock.run(() => {
      const first = one.keys.take(key('k'), 100)
      if (first === undefined) throw new Error('not taken')
      one.keys.release(first)
      expect(cells(one)).toEqual([''])
      const second = one.keys.take(key('k'), 100)
      if (second === undefined) throw new Error('not taken')
      clock.milliseconds += 100
      expect(two.keys.take(key('k'), 100)).toBeDefined()
      one.keys.release(second)
      expect(one.keys.take(key('k'), 100)).toBeUndefined()
    })
  })
})

// A publisher looks at the clock when it scans (1), when it scans again (2), and when it dates its cell (3).
describeOnBothRegions('two publishers of one key', (subject) => {
  it.each([1, 2, 3])(
    'get it once when one is stopped at its look %i at the clock and the other goes through',
    (look) => {
      const [stopped, other] = join(subject, 4)
      const clock = new Clock()
      clock.run(() => {
        let others: unknown
        clock.at(look, () => {
          others = other.keys.take(key('k'), 100)
        })
        expect(stopped.keys.take(key('k'), 100)).toBeUndefined()
        expect(others).toBeDefined()
        expect(cells(other).filter((cell) => cell !== '')).toEqual(['confirmed 1'])
      })
    },
  )

  it('get it once when the one that is stopped has drafted a higher cell, as it saw the lower one taken still', () => {
    const [stopped, other, before] = join(subject, 4)
    const clock = new Clock()
    clock.run(() => {
      before.keys.take(key('before'), 10)
      let others: unknown
      clock.at(2, () => {
        expect(cells(other)).toEqual([`confirmed ${before.worker}`, `tentative ${stopped.worker}`, '', ''])
        clock.milliseconds += 10
        others = other.keys.take(key('k'), 100)
        expect(cells(other)).toEqual([`confirmed ${other.worker}`, '', '', ''])
      })
      expect(stopped.keys.take(key('k'), 100)).toBeUndefined()
      expect(others).toBeDefined()
    })
  })

  it('get it once when the one that is stopped has drafted a lower cell', () => {
    const [stopped, other] = join(subject, 4)
    const clock = new Clock()
    clock.run(() => {
      let others: unknown
      clock.at(2, () => {
        expect(cells(other)).toEqual([`tentative ${stopped.worker}`, '', '', ''])
        others = other.keys.take(key('k'), 100)
      })
      expect(stopped.keys.take(key('k'), 100)).toBeUndefined()
      expect(others).toBeDefined()
      expect(cells(other)).toEqual([`confirmed ${other.worker}`, '', '', ''])
    })
  })

  it('leave the life of a key as it is that another took in the cell they had drafted', () => {
    const [stopped, other, third] = join(subject, 1)
    const clock = new Clock()
    clock.run(() => {
      clock.at(3, () => {
        // Pushed aside as by a publisher of the same key, and the cell taken for another key.
        Atomics.store(other.zone.i64, other.zone.geometry.cellsAt / 8, 0n)
        expect(other.keys.take(key('another'), 50)).toBeDefined()
      })
      expect(() => stopped.keys.take(key('k'), 1000)).toThrow(coded('ERR_UNIQUE_FULL'))
      clock.milliseconds += 50
      expect(third.keys.take(key('another'), 50)).toBeDefined()
    })
  })

  it('get it once however each is stopped and whatever the others do meanwhile', () => {
    const stops = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 2 })
    const ages = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 4, maxLength: 4 })
    let contended = 0
    fc.assert(
      fc.property(stops, ages, fc.integer({ min: 0, max: 12 }), ([first, second], expiries, passes) => {
        const zone = subject.makeZone({ uniqueKeys: 4, maxWorkers: 4 })
        const participants = [zone.join(), zone.join(), zone.join()]
        const clock = new Clock()
        clock.run(() => {
          expiries.forEach((life, index) => participants[0].keys.take(key(`old ${index}`), life))
          clock.milliseconds += 10
          const winners: number[] = []
          const take = (index: number): void => {
            try {
              if (participants[index].keys.take(key('k'), 1000) !== undefined) winners.push(index)
              clock.milliseconds += passes
            } catch (error) {
              expect(error).toEqual(coded('ERR_UNIQUE_FULL'))
              clock.milliseconds += 30
            }
          }
          clock.at(first, () => {
            clock.milliseconds += passes
            clock.at(second, () => take(2))
            take(1)
          })
          take(0)
          for (const index of [0, 1, 2]) take(index)
          expect(winners).toHaveLength(1)
          if (winners[0] !== 0) contended++
          expect(cells(participants[0]).filter((cell) => cell.startsWith('tentative'))).toEqual([])
        })
        for (const participant of participants) participant.leave()
      }),
      { numRuns: 300 },
    )
    expect(contended).toBeGreaterThan(20)
  })
})

describeOnBothRegions('a draft that its publisher left behind', (subject) => {
  it.each([2, 3])('at look %i does not keep others from the key', (look) => {
    const [dead, other] = join(subject, 4)
    const clock = new Clock()
    clock.run(() => {
      clock.at(look, () => {
        dead.die()
        throw new Error('killed')
      })
      expect(() => dead.keys.take(key('k'), 100)).toThrow('killed')
      expect(cells(other)).toEqual(['tentative 0', '', '', ''])
      expect(other.keys.take(key('k'), 100)).toBeDefined()
      expect(cells(other).filter((cell) => cell !== '')).toEqual(['confirmed 1'])
    })
  })
})
