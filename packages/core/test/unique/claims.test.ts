/** Claims on unique events: one executes; another takes over from a dead winner that had not begun, never later. */
import { setTimeout as sleep } from 'node:timers/promises'
import { lapOf } from '../../src/layout.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

function join(subject: Subject): [Participant, Participant, Participant] {
  const zone = subject.makeZone({ ringSize: 4, uniqueKeys: 64 })
  return [zone.join(), zone.join(), zone.join()]
}

describeOnBothRegions('a claim', (subject) => {
  it('is won by one, and held against all others, the winner too', () => {
    const [one, two] = join(subject)
    const generation = one.write('1', { key: 'k' })
    expect([two, one, two].map(({ claims }) => claims.claim(generation))).toEqual(['won', 'held', 'held'])
  })

  it('is executed for all once the winner has begun, and stays so when the winner dies', () => {
    const [one, two, three] = join(subject)
    const generation = one.write('1', { key: 'k' })
    two.claims.claim(generation)
    two.claims.execute(generation)
    two.die()
    expect([one, three].map(({ claims }) => claims.claim(generation))).toEqual(['executed', 'executed'])
  })

  it('passes to another when the winner died before it began', () => {
    const [one, two, three] = join(subject)
    const generation = one.write('1', { key: 'k' })
    two.claims.claim(generation)
    two.die()
    expect([three, one].map(({ claims }) => claims.claim(generation))).toEqual(['won', 'held'])
    three.claims.execute(generation)
    expect(one.claims.claim(generation)).toBe('executed')
  })

  it('is not executed by one that does not hold it', () => {
    const [one, two] = join(subject)
    const generation = one.write('1', { key: 'k' })
    two.claims.execute(generation)
    expect(one.claims.claim(generation)).toBe('won')
    two.claims.execute(generation)
    expect(two.claims.claim(generation)).toBe('held')
  })

  it('never falls on the next event in its slot, however late it comes, also across the wrap of the laps', () => {
    const [one, two, late] = join(subject)
    const laps = new Set<number>()
    for (let round = 0; round < 6; round++) {
      const old = one.write('old', { key: `old ${round}` })
      for (let count = 0; count < 3; count++) one.write()
      const next = one.write('next', { key: `next ${round}` })
      expect(next - old).toBe(4)
      expect(late.claims.claim(old)).toBe('lapped')
      late.claims.execute(old)
      expect(two.claims.claim(next)).toBe('won')
      one.write()
      one.write()
      one.write()
      laps.add(lapOf(next, 4))
    }
    expect([...laps]).toEqual([2 ** 20 - 2, 0, 2, 4, 6, 8])
  })

  it('is lapped by the full count, where the lap in the word has come round', () => {
    const [one, two] = join(subject)
    const generation = one.write('1', { key: 'k' })
    expect(two.claims.claim(generation - 4 * 2 ** 20)).toBe('lapped')
    expect(two.claims.claim(generation)).toBe('won')
  })

  it('is free for the event of a slot whose last unique event was executed', () => {
    const [one, two] = join(subject)
    const first = one.write('1', { key: 'a' })
    two.claims.claim(first)
    two.claims.execute(first)
    for (let count = 0; count < 3; count++) one.write()
    const second = one.write('2', { key: 'b' })
    expect(second % 4).toBe(first % 4)
    expect(one.claims.claim(second)).toBe('won')
  })
})

describeOnBothRegions('a bus whose unique event another had claimed', (subject) => {
  it('executes it once the other is found dead, and not before', async () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    const winner = zone.join()
    const seen: unknown[] = []
    bus.subscribe('c', (payload) => seen.push(payload))
    const generation = winner.write('"unique"', { key: 'k' })
    winner.write('"after"')
    winner.claims.claim(generation)
    bus.poll()
    bus.poll()
    expect(seen).toEqual(['after'])
    winner.die()
    await letAliveExpire()
    bus.poll()
    expect(seen).toEqual(['after', 'unique'])
    bus.poll()
    expect(seen).toHaveLength(2)
  })

  it('leaves it to the other when that has begun and died', async () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    const winner = zone.join()
    const seen: unknown[] = []
    bus.subscribe('c', (payload) => seen.push(payload))
    const generation = winner.write('"unique"', { key: 'k' })
    winner.claims.claim(generation)
    bus.poll()
    winner.claims.execute(generation)
    winner.die()
    await letAliveExpire()
    bus.poll()
    expect(seen).toEqual([])
  })

  it('gives it up when it was overwritten before the other died', async () => {
    const zone = subject.makeZone({ ringSize: 4 })
    const bus = zone.open()
    const winner = zone.join()
    const seen: unknown[] = []
    bus.subscribe('c', (payload) => seen.push(payload))
    winner.claims.claim(winner.write('"unique"', { key: 'k' }))
    bus.poll()
    for (let count = 0; count < 4; count++) {
      winner.write(`${count}`)
      bus.poll()
    }
    winner.die()
    await letAliveExpire()
    bus.poll()
    expect(seen).toEqual([0, 1, 2, 3])
  })
})

/** "Alive" may be remembered for a millisecond. */
const letAliveExpire = (): Promise<void> => sleep(3)
