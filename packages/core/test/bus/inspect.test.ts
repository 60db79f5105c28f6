/** `inspect`: the ring as plain data, whole and filtered; counters that always speak of the whole zone. */
import type { WorkerEvents } from '../../src/index.js'
import { coded, hasWrapped, publishMany } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

const generations = (bus: WorkerEvents, filter = {}): number[] =>
  bus.inspect(filter).events.map(({ generation }) => generation)

describeOnBothRegions('inspect', (subject) => {
  it('shows a zone in which nothing was published yet', () => {
    const bus = subject.open({ ringSize: 8 })
    expect(bus.inspect()).toEqual({
      zone: 'bus',
      epoch: bus.epoch,
      capacity: 8,
      oldestGeneration: 0,
      newestGeneration: 0,
      droppedEvents: 0,
      lastPublish: 0,
      events: [],
      workers: [expect.objectContaining({ id: bus.worker, cursor: 0, lag: 0 })],
    })
  })

  it('shows events as handlers get them, payloads of all kinds among them', () => {
    const bus = subject.open()
    const seen: unknown[] = []
    bus.subscribe((_, event) => seen.push(event))
    bus.publish('c', 't', { n: 1 })
    bus.publish('c', 't', new Uint8Array([1, 2]))
    bus.publish('c', 't')
    bus.publish('c', 't', 'ü', { unique: 'k' })
    bus.poll()
    const { events } = bus.inspect()
    expect(seen).toHaveLength(4)
    expect(events).toStrictEqual(seen)
    expect(events.every((event) => Object.isFrozen(event))).toBe(true)
  })

  it('counts what was overwritten, read or not, once for each event', () => {
    const bus = subject.open({ ringSize: 4 })
    publishMany(bus, 4)
    bus.poll()
    expect(bus.inspect()).toMatchObject({ droppedEvents: 0, oldestGeneration: 1, newestGeneration: 4 })
    publishMany(bus, 10)
    expect(hasWrapped(bus)).toBe(true)
    expect(bus.inspect()).toMatchObject({ droppedEvents: 10, oldestGeneration: 11, newestGeneration: 14 })
    expect(generations(bus)).toEqual([11, 12, 13, 14])
  })

  it('counts generations to the last entry of an event that spans several', () => {
    const zone = subject.makeZone({ ringSize: 16, entryPayload: 80 })
    const [bus, other] = [zone.open(), zone.open()]
    bus.publish('c', 't', 'x'.repeat(800))
    expect(bus.inspect()).toMatchObject({ oldestGeneration: 1, newestGeneration: 4, events: [{ generation: 1 }] })
    bus.poll()
    bus.publish('c', 't', 'x'.repeat(200))
    const lags = bus.inspect().workers.map(({ id, cursor, lag }) => [id, cursor, lag])
    expect(lags).toEqual([
      [bus.worker, 4, 2],
      [other.worker, 0, 6],
    ])
    for (let count = 0; count < 10; count++) bus.publish('c', 't')
    expect(bus.inspect()).toMatchObject({ droppedEvents: 0, newestGeneration: 16 })
    bus.publish('c', 't')
    expect(bus.inspect()).toMatchObject({ droppedEvents: 1, oldestGeneration: 5, newestGeneration: 17 })
  })

  it('says when the last event was published, over all workers, also one that is gone', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    const before = Date.now()
    two.publish('c', 't')
    const after = Date.now()
    two.close()
    const { lastPublish } = one.inspect()
    expect(lastPublish).toBeGreaterThanOrEqual(before)
    expect(lastPublish).toBeLessThanOrEqual(after)
    expect(one.inspect().events[0]?.timestamp).toBe(lastPublish)
  })

  it('shows each worker that lives: who, how far, what it lost, since when', () => {
    const zone = subject.makeZone({ ringSize: 4 })
    const before = Date.now()
    const [slow, fast, gone] = [zone.open({ onMissed: () => undefined }), zone.open(), zone.open()]
    gone.close()
    for (let count = 0; count < 6; count++) {
      publishMany(fast, 1)
      fast.poll()
    }
    const worker = { pid: process.pid, thread: 0, startedAt: expect.any(Number) as number }
    expect(fast.inspect().workers).toEqual([
      { ...worker, id: slow.worker, cursor: 0, lag: 6, missed: 0 },
      { ...worker, id: fast.worker, cursor: 6, lag: 0, missed: 0 },
    ])
    slow.poll()
    const [{ startedAt, ...shown }] = slow.inspect().workers
    expect(shown).toEqual({ id: slow.worker, pid: process.pid, thread: 0, cursor: 6, lag: 0, missed: 2 })
    expect(startedAt).toBeGreaterThanOrEqual(before)
    expect(startedAt).toBeLessThanOrEqual(Date.now())
  })

  it('shows its own cursor as it is now, in the midst of delivery too', () => {
    const bus = subject.open()
    const cursors: (number | undefined)[] = []
    bus.subscribe(() => cursors.push(bus.inspect().workers[0]?.cursor))
    publishMany(bus, 3)
    bus.poll()
    expect(cursors).toEqual([1, 2, 3])
  })

  it('settles nothing: an entry that is not written yet ends what it shows', () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    publishMany(bus, 2)
    const writer = zone.join()
    const stalled = writer.stall()
    publishMany(bus, 2)
    expect(bus.inspect()).toMatchObject({ newestGeneration: 2, events: [{ generation: 1 }, { generation: 2 }] })
    writer.letGo(stalled)
    expect(bus.inspect()).toMatchObject({ newestGeneration: 5, oldestGeneration: 1 })
    expect(generations(bus)).toEqual([1, 2, 4, 5])
  })

  it('moves nobody: events stay to be delivered, unique ones to be won', () => {
    const bus = subject.open()
    const seen: unknown[] = []
    bus.subscribe((payload) => seen.push(payload))
    bus.publish('c', 't', 1, { unique: 'k' })
    bus.inspect()
    bus.poll()
    expect(seen).toEqual([1])
  })

  it('shows an event without its payload when that is no JSON, and the rest', () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    zone.join().write('{not json')
    publishMany(bus, 1, 7)
    expect(bus.inspect().events.map(({ payload }) => payload)).toEqual([undefined, 7])
  })
})

describeOnBothRegions('the filter of inspect', (subject) => {
  const filled = (): WorkerEvents => {
    const bus = subject.open({ ringSize: 16 })
    for (const channel of ['cache.a', 'cache.b', 'other']) for (const type of ['x', 'y']) bus.publish(channel, type)
    return bus
  }

  it.each<[string, object, number[]]>([
    ['everything', {}, [1, 2, 3, 4, 5, 6]],
    ['a channel', { channel: 'cache.a' }, [1, 2]],
    ['a type', { type: 'y' }, [2, 4, 6]],
    ['a channel and a type', { channel: 'cache.b', type: 'x' }, [3]],
    ['a pattern', { channel: 'cache.*' }, [1, 2, 3, 4]],
    ['a star', { channel: '*', type: '*' }, [1, 2, 3, 4, 5, 6]],
    ['a channel that there is not', { channel: 'cache' }, []],
    ['generations after one', { since: 4 }, [5, 6]],
    ['generations after all', { since: 100 }, []],
    ['the oldest so many', { limit: 2 }, [1, 2]],
    ['no limit', { limit: 0 }, [1, 2, 3, 4, 5, 6]],
    ['the oldest so many of those that match', { since: 1, type: 'x', limit: 1 }, [3]],
  ])('shows %s', (_, filter, expected) => {
    expect(generations(filled(), filter)).toEqual(expected)
  })

  it('leaves the counters as they are', () => {
    const bus = filled()
    const { events, ...counters } = bus.inspect({ since: 5, limit: 1 })
    const { events: all, ...whole } = bus.inspect()
    expect([events.length, all.length]).toEqual([1, 6])
    expect(counters).toEqual(whole)
  })

  it.each<[string, unknown, string]>([
    ['is no object', 5, 'an object'],
    ['is null', null, 'an object'],
    ['has a since below 0', { since: -1 }, 'since must be an integer, 0 or more, got -1'],
    ['has a since that is no integer', { since: 1.5 }, 'since'],
    ['has a since that is text', { since: '1' }, 'since must be an integer, 0 or more, got "1"'],
    ['has a limit below 0', { limit: -1 }, 'limit'],
    ['has a limit that is not a number', { limit: NaN }, 'limit'],
    ['has a channel that is no name', { channel: '' }, 'channel'],
    ['has a star in the midst of a type', { type: 'a*b' }, 'type'],
  ])('is refused when it %s', (_, filter, part) => {
    const bus = subject.open()
    expect(() => bus.inspect(filter as object)).toThrow(coded('ERR_INVALID_ARGUMENT', part))
  })

  it('is not even looked at when the bus is closed', () => {
    const bus = subject.open()
    bus.close()
    expect(() => bus.inspect()).toThrow(coded('ERR_CLOSED'))
  })
})
