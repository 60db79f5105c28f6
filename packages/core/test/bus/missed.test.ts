/** Losses: counted, reported once for each gap, exactly, and before the event that follows. */
import type { Missed, WorkerEvent } from '../../src/index.js'
import { coded, hasWrapped, publishMany, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('a worker that was overtaken', (subject) => {
  it('is told which generations it lost, once, before it goes on with the oldest that is retained', () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    bus.subscribe((_, { generation }) => told.push(generation))
    publishMany(bus, 14)
    expect(hasWrapped(bus)).toBe(true)
    bus.poll()
    expect(told).toEqual([{ from: 1, to: 10, count: 10 }, 11, 12, 13, 14])
    expect(bus.inspect().workers[0]?.missed).toBe(10)
  })

  it('is told of each gap by itself', () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    bus.subscribe(() => 1)
    publishMany(bus, 6)
    bus.poll()
    publishMany(bus, 5)
    bus.poll()
    expect(told).toEqual([
      { from: 1, to: 2, count: 2 },
      { from: 7, to: 7, count: 1 },
    ])
  })

  it('is told though it subscribed to nothing of it', () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    publishMany(bus, 5)
    bus.poll()
    expect(told).toEqual([{ from: 1, to: 1, count: 1 }])
  })

  it('is told of an upper bound where large events lie in the gap', () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 8, onMissed: (missed) => told.push(missed) })
    bus.subscribe((_, { generation }) => told.push(generation))
    for (let count = 0; count < 5; count++) bus.publish('c', 't', 'x'.repeat(300))
    bus.poll()
    expect(told).toEqual([{ from: 1, to: 2, count: 2 }, 3, 5, 7, 9])
  })

  it('loses nothing to itself: what a handler publishes over the ring is missed by the next poll, and told', () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    bus.subscribe((payload, { generation }) => {
      told.push(generation)
      if (payload === 'flood') publishMany(bus, 7)
    })
    bus.publish('c', 't', 'flood')
    bus.poll()
    expect(told).toEqual([1, { from: 2, to: 4, count: 3 }, 5, 6, 7, 8])
  })

  it('is told by onError with a code and the generations if there is no onMissed', () => {
    const errors: unknown[][] = []
    const bus = subject.open({ ringSize: 4, onError: (...args) => errors.push(args) })
    publishMany(bus, 7)
    bus.poll()
    expect(errors).toEqual([[coded('ERR_EVENTS_MISSED', '3 generations', '1 to 3', 'ringSize')]])
  })

  it('is told by onMissed from the moment on that one is configured', () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 4 })
    bus.configure({ onMissed: (missed) => told.push(missed) })
    publishMany(bus, 5)
    bus.poll()
    expect(told).toHaveLength(1)
  })

  it('goes on when its onMissed throws, which is reported', () => {
    const errors: unknown[] = []
    const seen: number[] = []
    const failure = new Error('resync failed')
    const onMissed = (): void => {
      throw failure
    }
    const bus = subject.open({ ringSize: 4, onMissed, onError: (error) => errors.push(error) })
    bus.subscribe((_, { generation }) => seen.push(generation))
    publishMany(bus, 6)
    bus.poll()
    expect(errors).toEqual([failure])
    expect(seen).toEqual([3, 4, 5, 6])
  })

  it('may resync inside onMissed: subscribe, publish, inspect, close', () => {
    const seen: number[] = []
    const bus = subject.open({
      ringSize: 4,
      onMissed: () => {
        expect(bus.poll()).toBe('recursive')
        bus.publish('resync', 'started')
        bus.subscribe((_, { generation }) => seen.push(generation))
      },
    })
    publishMany(bus, 6)
    bus.poll()
    bus.poll()
    expect(seen).toEqual([7])
    const closing = subject.open({ ringSize: 4, onMissed: () => closing.close() })
    publishMany(closing, 6)
    expect(closing.poll()).toBe('done')
    expect(closing.closed).toBe(true)
  })

  it('is told also where events come by themselves', async () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 4, pollInterval: 5, onMissed: (missed) => told.push(missed) })
    publishMany(bus, 9)
    await until(() => told.length === 1)
    expect(told).toEqual([{ from: 1, to: 5, count: 5 }])
  })
})

describeOnBothRegions('an event that cannot be read', (subject) => {
  it('is reported with its names and generation, and the next is delivered', () => {
    const errors: [unknown, WorkerEvent | undefined][] = []
    const zone = subject.makeZone()
    const bus = zone.open({ onError: (error, event) => errors.push([error, event]) })
    const seen: unknown[] = []
    bus.subscribe((payload) => seen.push(payload))
    zone.join().write('secret, no json')
    bus.publish('c', 't', 'next')
    bus.poll()
    expect(seen).toEqual(['next'])
    expect(errors).toEqual([
      [coded('ERR_INVALID_PAYLOAD', 'not JSON'), expect.objectContaining({ generation: 1, channel: 'c' })],
    ])
    expect(errors[0]?.[1]?.payload).toBeUndefined()
    expect((errors[0]?.[0] as Error).message).not.toContain('secret')
  })
})
