/** `unique`: of all events published with one key within its time, one is executed, by one worker that has a handler. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerEvents } from '../../src/index.js'
import { coded, hasWrapped, recordAll, thrownBy, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

const wide = 'ü'.repeat(128)

describeOnBothRegions('a unique key', (subject) => {
  it('makes the second publish redundant, whatever worker, channel, type and payload', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    expect(one.publish('c', 't', 1, { unique: 'k' })).toBe(1)
    expect(one.publish('c', 't', 1, { unique: 'k' })).toBe(0)
    expect(two.publish('d', 'u', 2, { unique: 'k' })).toBe(0)
    expect(two.publish('c', 't', 1, { unique: 'other' })).toBe(2)
    expect(two.publish('c', 't', 1)).toBe(3)
  })

  it('is free again after uniqueTimeout, and not before', async () => {
    const bus = subject.open({ uniqueTimeout: 60 })
    const before = performance.now()
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(1)
    let generation = 0
    while (generation === 0) {
      await sleep(1)
      generation = bus.publish('c', 't', 1, { unique: 'k' })
    }
    // The clock of the key counts whole milliseconds.
    expect(performance.now() - before).toBeGreaterThanOrEqual(59)
    expect(generation).toBe(2)
  })

  it("lives as long as its publisher's uniqueTimeout says, not another's", async () => {
    const zone = subject.makeZone()
    const [brief, lasting] = [zone.open({ uniqueTimeout: 1 }), zone.open({ uniqueTimeout: 1e6 })]
    lasting.publish('c', 't', 1, { unique: 'lasting' })
    brief.publish('c', 't', 1, { unique: 'brief' })
    await until(() => lasting.publish('c', 't', 1, { unique: 'brief' }) > 0)
    expect(brief.publish('c', 't', 1, { unique: 'lasting' })).toBe(0)
  })

  it.each([2 ** 31, 2 ** 43, Number.MAX_SAFE_INTEGER])('may live for %i milliseconds', (uniqueTimeout) => {
    const bus = subject.open({ uniqueTimeout })
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(1)
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(0)
  })

  it('outlives the worker that published it', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    one.publish('c', 't', 1, { unique: 'k' })
    one.close()
    expect(two.publish('c', 't', 1, { unique: 'k' })).toBe(0)
  })

  it('is held for its time also if no worker had a handler', () => {
    const bus = subject.open()
    bus.publish('c', 't', 1, { unique: 'k' })
    bus.poll()
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(0)
  })

  it.each([
    ['empty', '', ['unique']],
    ['a number', 5, ['unique', 'number']],
    ['null', null, ['unique']],
    ['longer than 256 bytes', `${wide}x`, ['256', '257']],
    ['a lone surrogate', '\udc00', ['surrogate']],
  ])('may not be %s', (_, unique, parts) => {
    const bus = subject.open()
    const error = thrownBy(() => bus.publish('c', 't', 1, { unique: unique as string }))
    expect(error).toEqual(coded('ERR_INVALID_NAME', ...parts))
    expect(bus.publish('c', 't')).toBe(1)
  })

  it('may have 256 bytes, contain a star, and be told from one that begins alike', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    for (const unique of [wide, wide.slice(1), '*', 'a*', 'a']) bus.publish('c', 't', unique.length, { unique })
    bus.poll()
    expect(seen.map(({ unique }) => unique)).toEqual([wide, wide.slice(1), '*', 'a*', 'a'])
    expect(seen.map(({ payload }) => payload)).toEqual([128, 127, 1, 2, 1])
  })

  it('is one of uniqueKeys that can live at once; beyond, publish fails and evicts none', async () => {
    const bus = subject.open({ uniqueKeys: 4, uniqueTimeout: 1e6 })
    for (const unique of ['a', 'b', 'c', 'd']) expect(bus.publish('c', 't', 1, { unique })).toBeGreaterThan(0)
    const error = thrownBy(() => bus.publish('c', 't', 1, { unique: 'private' }))
    expect(error).toEqual(coded('ERR_UNIQUE_FULL', 4, 'uniqueKeys', 'uniqueTimeout'))
    expect(error.message).not.toContain('private')
    for (const unique of ['a', 'b', 'c', 'd']) expect(bus.publish('c', 't', 1, { unique })).toBe(0)
    expect(bus.publish('c', 't')).toBe(5)
    bus.close()
    const brief = subject.open({ uniqueKeys: 1, uniqueTimeout: 1 })
    brief.publish('c', 't', 1, { unique: 'a' })
    await until(() => published(brief, 'b'))
    expect(brief.inspect().newestGeneration).toBe(2)
  })

  it('is given back when its publish fails', () => {
    const zone = subject.makeZone({ overflow: 'reject', ringSize: 2 })
    const bus = zone.open()
    bus.publish('c', 't')
    bus.publish('c', 't')
    expect(() => bus.publish('c', 't', 1, { unique: 'k' })).toThrow(coded('ERR_RING_FULL'))
    bus.poll()
    expect(bus.publish('c', 't', 1, { unique: 'k' })).toBe(3)
  })
})

function published(bus: WorkerEvents, unique: string): boolean {
  try {
    return bus.publish('c', 't', 1, { unique }) > 0
  } catch (error) {
    expect(error).toEqual(coded('ERR_UNIQUE_FULL'))
    return false
  }
}

describeOnBothRegions('a unique event', (subject) => {
  it('is executed by one of the workers, with all of its handlers', () => {
    const zone = subject.makeZone()
    const workers = [zone.open(), zone.open(), zone.open()] as const
    const seen = workers.map((bus) => [recordAll(bus), recordAll(bus)] as const)
    workers[0].publish('c', 't', 'x', { unique: 'k' })
    for (const bus of [workers[1], workers[0], workers[2]]) bus.poll()
    expect(seen.map(([one, two]) => [one.length, two.length])).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ])
  })

  it('is won by whoever polls first, event by event, across the wrap of the laps', () => {
    const zone = subject.makeZone({ ringSize: 4, uniqueKeys: 100 })
    const workers = [zone.open(), zone.open()] as const
    const seen = workers.map(recordAll)
    for (let round = 0; round < 20; round++) {
      workers[0].publish('c', 't', round, { unique: `k${round}` })
      const order = round % 3 === 0 ? workers : workers.toReversed()
      for (const bus of order) bus.poll()
    }
    expect(hasWrapped(workers[0])).toBe(true)
    expect(seen[0]?.map(({ payload }) => payload)).toEqual([0, 3, 6, 9, 12, 15, 18])
    expect((seen[0]?.length ?? 0) + (seen[1]?.length ?? 0)).toBe(20)
  })

  it('leaves events without a key to every worker', () => {
    const zone = subject.makeZone()
    const workers = [zone.open(), zone.open()] as const
    const seen = workers.map(recordAll)
    workers[0].publish('c', 't', 1)
    workers[0].publish('c', 't', 2, { unique: 'k' })
    workers[0].publish('c', 't', 3)
    for (const bus of workers) bus.poll()
    expect(seen.map((events) => events.map(({ payload }) => payload))).toEqual([
      [1, 2, 3],
      [1, 3],
    ])
  })

  it('is executed only by a worker that has a matching handler', () => {
    const zone = subject.makeZone()
    const [none, other, gone, matching] = [zone.open(), zone.open(), zone.open(), zone.open()]
    const seen: unknown[] = []
    other.subscribe('c', 'other', () => seen.push('wrong'))
    gone.subscribe('c', 't', () => seen.push('wrong')).unsubscribe()
    matching.subscribe('c', 't', (payload) => seen.push(payload))
    none.publish('c', 't', 1, { unique: 'k' })
    for (const bus of [none, other, gone, matching]) bus.poll()
    expect(seen).toEqual([1])
  })

  it('is executed once however late a worker polls, also when the key is free again', async () => {
    const zone = subject.makeZone()
    const [prompt, late] = [zone.open({ uniqueTimeout: 1 }), zone.open()]
    const seen = [recordAll(prompt), recordAll(late)] as const
    prompt.publish('c', 't', 'first', { unique: 'k' })
    prompt.poll()
    await until(() => prompt.publish('c', 't', 'second', { unique: 'k' }) > 0)
    prompt.poll()
    late.poll()
    expect(seen[0].map(({ payload }) => payload)).toEqual(['first', 'second'])
    expect(seen[1]).toEqual([])
  })

  it('is not executed again when a handler of the winner fails', () => {
    const zone = subject.makeZone()
    const errors: unknown[] = []
    const [failing, other] = [zone.open({ onError: (error) => errors.push(error) }), zone.open()]
    failing.subscribe(() => {
      throw new Error('x')
    })
    const seen = recordAll(other)
    failing.publish('c', 't', 1, { unique: 'k' })
    failing.poll()
    other.poll()
    expect(errors).toHaveLength(1)
    expect(seen).toEqual([])
  })

  it('counts as executed while the first handler runs: nobody else takes it then', () => {
    const zone = subject.makeZone()
    const [winner, other] = [zone.open(), zone.open()]
    const seen = recordAll(other)
    winner.subscribe(() => other.poll())
    winner.publish('c', 't', 1, { unique: 'k' })
    winner.poll()
    expect(other.inspect().workers.find(({ id }) => id === other.worker)?.lag).toBe(0)
    expect(seen).toEqual([])
  })

  it('is marked as executed before its first handler is called: who dies there is not followed by another', () => {
    const zone = subject.makeZone()
    const winner = zone.open()
    const other = zone.join()
    const claims: string[] = []
    winner.subscribe(() => claims.push(other.claims.claim(other.zone.head() - 1)))
    winner.publish('c', 't', 1, { unique: 'k' })
    winner.poll()
    expect(claims).toEqual(['executed'])
  })

  it('counts an async iterator as a handler', async () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    const events = one.events({ channel: 'c' })
    const seen = recordAll(two)
    two.publish('c', 't', 1, { unique: 'k' })
    one.poll()
    two.poll()
    expect((await events.next()).value).toMatchObject({ payload: 1, unique: 'k' })
    expect(seen).toEqual([])
  })

  it('spans entries, key and all, and arrives whole', () => {
    const bus = subject.open({ ringSize: 18, entryPayload: 10, uniqueKeys: 32 })
    const seen = recordAll(bus)
    for (const mark of 'abcdefghijklmnop') {
      const unique = `${mark}${wide.slice(1)}`
      bus.publish('c', 't', mark.repeat(300), { unique })
      bus.poll()
      expect(seen.pop()).toMatchObject({ unique, payload: mark.repeat(300) })
    }
    expect(hasWrapped(bus)).toBe(true)
    expect(bus.inspect().newestGeneration).toBe(16 * 4)
  })
})
