/** One worker of a zone looks for all: what it finds, everybody hears of, and it is relieved when it looks no more. */
import { Header } from '../src/layout.js'
import { Lookout } from '../src/lookout.js'
import type { Zone } from '../src/region/zone.js'
import { recordAll, turns, until } from './expectations.js'
import { describeOnBothRegions } from './subjects.js'

// So long that within a test nothing is delivered by it.
const NEVER = 600_000

/** Worker that looks for all; -1 if nobody does. */
function lookoutOf(zone: Zone): number {
  return Atomics.load(zone.i32, Header.lookout / 4) - 1
}

describeOnBothRegions('a zone without a lookout', (subject) => {
  it('gets the first who keeps watch, and no other while that one does', () => {
    const { zone } = subject.makeZone().region()
    const [first, second] = [new Lookout(zone, 1), new Lookout(zone, 2)]
    expect(first.isVacant).toBe(true)
    expect([first.keep(100), second.keep(100), first.keep(100)]).toEqual([true, false, true])
    expect([lookoutOf(zone), second.isVacant]).toEqual([1, false])
  })
})

describeOnBothRegions('a lookout', (subject) => {
  const now = Date.now
  let clock = now()

  beforeEach(() => {
    Date.now = () => clock
  })

  afterEach(() => {
    Date.now = now
  })

  it.each([
    ['was not heard of for twice the interval of another', 2000],
    ['looked at a time that is yet to come, by a clock that was set back', -3_600_000],
  ])('that %s is relieved by it', (_, passed) => {
    const { zone } = subject.makeZone().region()
    const [first, second] = [new Lookout(zone, 1), new Lookout(zone, 2)]
    first.keep(1000)
    clock += passed
    expect(second.keep(1000)).toBe(true)
    expect([first.keep(1000), lookoutOf(zone)]).toEqual([false, 2])
  })

  it('that looks less often than another would is relieved, once that one finds it has not', () => {
    const { zone } = subject.makeZone().region()
    const [slow, quick] = [new Lookout(zone, 1), new Lookout(zone, 2)]
    slow.keep(60_000)
    clock += 1000
    expect(quick.keep(100)).toBe(true)
    clock += 1000
    expect(slow.keep(60_000)).toBe(false)
  })

  it('leaves the post vacant when it resigns, and only if it holds it', () => {
    const { zone } = subject.makeZone().region()
    const [first, second] = [new Lookout(zone, 1), new Lookout(zone, 2)]
    first.keep(100)
    expect([second.resign(), second.isVacant]).toEqual([false, false])
    expect([first.resign(), second.isVacant, first.resign()]).toEqual([true, true, false])
  })
})

describeOnBothRegions('workers that sleep', (subject) => {
  it('are told by the lookout what no bell was rung for, although none of them polls', async () => {
    const zone = subject.makeZone()
    const workers = [5, NEVER, NEVER].map((pollInterval) => zone.open({ pollInterval }))
    const seen = workers.map(recordAll)
    await turns()
    // A publisher that dies between its commit and the bell.
    zone.join().write('1')
    await until(() => seen.every((events) => events.length === 1))
  })

  it('have another lookout when theirs is closed, or stops delivering by itself', async () => {
    const zone = subject.makeZone()
    const memory = zone.region().zone
    const [first, second, third] = [5, NEVER, NEVER].map((pollInterval) => zone.open({ pollInterval }))
    await turns()
    expect(lookoutOf(memory)).toBe(first.worker)
    first.close()
    await until(() => lookoutOf(memory) !== -1)
    const [next, other] = lookoutOf(memory) === second.worker ? [second, third] : [third, second]
    expect(lookoutOf(memory)).toBe(next.worker)
    next.configure({ pollInterval: 0 })
    await until(() => lookoutOf(memory) === other.worker)
  })

  it('have no lookout whose handler closed it within its slow poll', async () => {
    const zone = subject.makeZone()
    const claimant = zone.join()
    const bus = zone.open({ pollInterval: 5 })
    bus.subscribe((_, { unique }) => {
      if (unique !== undefined) bus.close()
    })
    await turns()
    const generation = bus.publish('c', 't', 1, { unique: 'key' })
    expect(claimant.claims.claim(claimant.zone.origin + generation - 1)).toBe('won')
    await turns()
    // From now on the slow poll has the event executed.
    claimant.die()
    await until(() => bus.closed)
    expect(lookoutOf(claimant.zone)).toBe(-1)
  })

  it('do without one where nothing is delivered but by poll()', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ pollInterval: 0 })
    await turns()
    bus.poll()
    expect(lookoutOf(zone.region().zone)).toBe(-1)
  })
})
