/** Worker places: taken with proof of life, cleaned of what a dead holder left, given back. */
import { threadId } from 'node:worker_threads'
import { FREE, LIVE, MOVED, NOBODY, Phase, Place, UNCLAIMED, claimWord, claimantIn, lapOf } from '../src/layout.js'
import { cursorOf, hasOthers, isLive, join, workersOf } from '../src/registry.js'
import type { Participant } from './participant.js'
import { type TestZone, describeOnBothRegions } from './subjects.js'

describeOnBothRegions('a worker that joins', (subject) => {
  it('takes the lowest free place, and again the lowest after one was given back', () => {
    const zone = subject.makeZone({ maxWorkers: 4 })
    const workers = [zone.join(), zone.join(), zone.join()]
    expect(workers.map(({ worker }) => worker)).toEqual([0, 1, 2])
    workers[1].leave()
    expect([zone.join().worker, zone.join().worker]).toEqual([1, 3])
  })

  it('finds no place while every holder lives, and one as soon as a holder died', () => {
    const zone = subject.makeZone({ maxWorkers: 2 })
    const [one] = [zone.join(), zone.join()]
    expect(join(zone.region())).toBeUndefined()
    one.die()
    expect(join(zone.region())?.worker).toBe(0)
  })

  it('shows who it is, since when, and that it has nothing to read yet', () => {
    const zone = subject.makeZone()
    const publisher = zone.join()
    publisher.write()
    const before = Date.now()
    const { region, worker } = zone.join()
    const shown = workersOf(region, worker, 1).find(({ id }) => id === worker)
    expect(shown).toEqual({
      id: worker,
      pid: process.pid,
      thread: threadId,
      cursor: 1,
      lag: 0,
      missed: 0,
      startedAt: expect.any(Number) as number,
    })
    expect(shown?.startedAt).toBeGreaterThanOrEqual(before)
    expect(shown?.startedAt).toBeLessThanOrEqual(Date.now())
  })

  it('starts with none of the losses of the holder before', () => {
    const zone = subject.makeZone()
    const predecessor = zone.join()
    predecessor.membership.addMissed(7)
    predecessor.die()
    const { region, worker } = zone.join()
    expect(workersOf(region, worker, 0)).toEqual([expect.objectContaining({ id: 0, missed: 0 })])
  })
})

/** What a holder of a place leaves behind when it dies in the midst of everything. */
function leaveBehind(zone: TestZone): { dead: Participant; generations: number[]; unique: number } {
  const dead = zone.join()
  const unique = dead.write('1', { key: 'k' })
  expect(dead.claims.claim(unique)).toBe('won')
  const generations = [dead.stall(), dead.stall()]
  dead.slots.judge(generations[1], true)
  return { dead, generations, unique }
}

describeOnBothRegions('a worker that takes the place of a dead one', (subject) => {
  it('frees every slot that it held, busy or stale, before the place is live', () => {
    const zone = subject.makeZone()
    const { dead, generations } = leaveBehind(zone)
    dead.slots.judge(generations[1], true)
    expect(generations.map((generation) => dead.stateOf(generation).owner)).toEqual([0, 0])
    dead.die()
    const heir = zone.join()
    expect(heir.worker).toBe(dead.worker)
    for (const generation of generations) {
      expect(heir.stateOf(generation)).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
    }
  })

  it('does not touch what the living hold', () => {
    const zone = subject.makeZone()
    const [dead, living] = [zone.join(), zone.join()]
    const generation = living.stall()
    const committed = living.write('1', { key: 'k' })
    living.claims.claim(committed)
    dead.die()
    const heir = zone.join()
    expect(heir.stateOf(generation)).toMatchObject({ phase: Phase.BUSY, owner: living.worker })
    expect(heir.claims.claim(committed)).toBe('held')
  })

  it('lets others execute what it had claimed and not begun', () => {
    const zone = subject.makeZone()
    const { dead, unique } = leaveBehind(zone)
    const other = zone.join()
    dead.die()
    const heir = zone.join()
    const word = Atomics.load(heir.zone.claims, unique % heir.zone.geometry.capacity)
    expect(word).toBe(claimWord(lapOf(unique, heir.zone.geometry.capacity), UNCLAIMED))
    expect(claimantIn(word)).toBe(UNCLAIMED)
    expect(other.claims.claim(unique)).toBe('won')
  })

  it('clears the drafts of keys that it left, and keeps the keys that it had taken', () => {
    const zone = subject.makeZone({ uniqueKeys: 2 })
    const dead = zone.join()
    expect(dead.keys.take(Buffer.from('taken'), 1e6)).toBeDefined()
    const draft = cellsOf(dead)[1]
    const word = Atomics.load(dead.zone.i64, cellsOf(dead)[0])
    // The confirmed cell's word with another tag and the phase of a draft.
    Atomics.store(dead.zone.i64, draft, (word & 0xfffn & ~3n) | 1n | (42n << 16n))
    dead.die()
    const heir = zone.join()
    expect(heir.worker).toBe(dead.worker)
    expect(Atomics.load(heir.zone.i64, draft)).toBe(0n)
    expect(heir.keys.take(Buffer.from('taken'), 1e6)).toBeUndefined()
    expect(heir.keys.take(Buffer.from('other'), 1e6)).toBeDefined()
  })

  it('cleans up also after one that had moved on to a later life of the zone', () => {
    const zone = subject.makeZone()
    const { dead, generations } = leaveBehind(zone)
    dead.membership.moveOn()
    dead.die()
    const heir = zone.join()
    expect(heir.stateOf(generations[0])).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
  })

  it('cleans up again when the one that was cleaning up died', () => {
    const zone = subject.makeZone()
    const { dead, generations } = leaveBehind(zone)
    dead.die()
    const cleaner = zone.region()
    expect(cleaner.take(dead.worker)).toBe(true)
    cleaner.close()
    const heir = zone.join()
    expect(heir.stateOf(generations[0])).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
  })
})

function cellsOf({ zone }: Participant): [number, number] {
  const first = zone.geometry.cellsAt / 8
  return [first, first + 2]
}

describeOnBothRegions('the list of workers', (subject) => {
  it('has the living only: none that left, died, moved on, or is not done with joining', () => {
    const zone = subject.makeZone({ maxWorkers: 5 })
    const [left, died, moved, living] = [zone.join(), zone.join(), zone.join(), zone.join()]
    left.leave()
    died.die()
    moved.membership.moveOn()
    zone.region().take(4)
    const { region, worker } = living
    expect(workersOf(region, worker, 0).map(({ id }) => id)).toEqual([worker])
    expect([0, 1, 2, 3, 4].map((id) => isLive(region, id, worker))).toEqual([false, false, false, true, false])
    expect(hasOthers(region, worker)).toBe(false)
    zone.join()
    expect(hasOthers(region, worker)).toBe(true)
  })

  it('shows how far each is behind the newest generation, never less than nothing', () => {
    const zone = subject.makeZone()
    const [slow, fast] = [zone.join(), zone.join()]
    for (let count = 0; count < 5; count++) fast.write()
    fast.membership.storeCursor(fast.zone.head())
    const lags = (newest: number): number[] => workersOf(fast.region, fast.worker, newest).map(({ lag }) => lag)
    expect(lags(5)).toEqual([5, 0])
    expect(lags(4)).toEqual([4, 0])
    slow.membership.storeCursor(slow.zone.head() - 2)
    expect(lags(5)).toEqual([2, 0])
    expect(cursorOf(fast.zone, slow.worker)).toBe(slow.zone.head() - 2)
  })

  it('tells the phases of a place apart', () => {
    const { zone, membership } = subject.makeZone().join()
    const phase = (): number => zone.i32[(zone.placeAt(0) + Place.phase) / 4]
    expect(phase()).toBe(LIVE)
    membership.moveOn()
    expect(phase()).toBe(MOVED)
    membership.leave()
    expect(phase()).toBe(FREE)
  })
})
