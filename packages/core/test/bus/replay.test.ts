/** `replay`: the past for one subscription, and a seam to the present without gap or duplicate. */
import type { Missed } from '../../src/index.js'
import { hasWrapped, publishMany, recordAll, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('replay', (subject) => {
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index)

  it("of 'all' delivers what the ring retains, from the wrap of the laps on too", () => {
    const bus = subject.open({ ringSize: 4 })
    for (let round = 0; round < 5; round++) {
      publishMany(bus, 4, round * 4)
      bus.poll()
    }
    publishMany(bus, 2, 20)
    bus.poll()
    const generations: number[] = []
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 'all' })
    bus.poll()
    expect(generations).toEqual([19, 20, 21, 22])
    expect(hasWrapped(bus)).toBe(true)
  })

  it('of a generation starts after it', () => {
    const bus = subject.open()
    publishMany(bus, 6)
    bus.poll()
    const generations: number[] = []
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 4 })
    bus.poll()
    expect(generations).toEqual([5, 6])
  })

  it('of 0 starts at the beginning', () => {
    const bus = subject.open()
    publishMany(bus, 3)
    const generations: number[] = []
    bus.poll()
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 0 })
    bus.poll()
    expect(generations).toEqual([1, 2, 3])
  })

  it('of a generation that is still to come delivers as if it was not asked for', () => {
    const bus = subject.open()
    publishMany(bus, 3)
    bus.poll()
    const generations: number[] = []
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 1000 })
    publishMany(bus, 2)
    bus.poll()
    expect(generations).toEqual([4, 5])
  })

  it('delivers nothing before the call returns', () => {
    const bus = subject.open()
    publishMany(bus, 1)
    bus.poll()
    let calls = 0
    bus.subscribe(() => calls++, { replay: 'all' })
    expect(calls).toBe(0)
    bus.poll()
    expect(calls).toBe(1)
  })

  it('delivers what was published before this worker came', () => {
    const zone = subject.makeZone()
    publishMany(zone.open(), 3)
    const late = zone.open()
    const payloads: unknown[] = []
    late.subscribe('numbers', (payload) => payloads.push(payload), { replay: 'all' })
    late.poll()
    expect(payloads).toEqual([0, 1, 2])
  })

  it('delivers only what the subscription matches, and to no other handler', () => {
    const bus = subject.open()
    bus.publish('a', 'x')
    bus.publish('b', 'x')
    bus.publish('a', 'y')
    bus.poll()
    const live = recordAll(bus)
    const replayed: string[] = []
    bus.subscribe('a', ['x', 'y'], (_, { type }) => replayed.push(type), { replay: 'all' })
    bus.poll()
    expect(replayed).toEqual(['x', 'y'])
    expect(live).toEqual([])
  })

  it('calls a handler once for an event that several types of the subscription match', () => {
    const bus = subject.open()
    bus.publish('a', 'x')
    bus.poll()
    const replayed: string[] = []
    bus.subscribe('a', ['x', '*'], (_, { type }) => replayed.push(type), { replay: 'all' })
    bus.publish('a', 'x')
    bus.poll()
    expect(replayed).toEqual(['x', 'x'])
  })

  it('has neither gap nor duplicate at the seam with events that wait to be delivered', () => {
    const bus = subject.open()
    const live = recordAll(bus)
    publishMany(bus, 3)
    bus.poll()
    publishMany(bus, 3)
    const generations: number[] = []
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 'all' })
    publishMany(bus, 2)
    bus.poll()
    expect(generations).toEqual(range(1, 8))
    expect(live.map(({ generation }) => generation)).toEqual(range(1, 8))
  })

  it('has neither gap nor duplicate when its own handler publishes', () => {
    const bus = subject.open({ ringSize: 32 })
    publishMany(bus, 5)
    bus.poll()
    const generations: number[] = []
    bus.subscribe(
      (_, { generation }) => {
        generations.push(generation)
        if (generation <= 10) publishMany(bus, 1)
      },
      { replay: 'all' },
    )
    bus.poll()
    expect(generations).toEqual(range(1, 15))
  })

  it('has neither gap nor duplicate when it begins inside a handler', () => {
    const bus = subject.open()
    const generations: number[] = []
    const first = bus.subscribe(() => {
      first.unsubscribe()
      bus.subscribe((_, { generation }) => generations.push(generation), { replay: 'all' })
    })
    publishMany(bus, 5)
    bus.poll()
    bus.poll()
    expect(generations).toEqual(range(1, 5))
  })

  it('has neither gap nor duplicate while others publish without pause and the worker delivers by itself', async () => {
    const zone = subject.makeZone({ ringSize: 1024 })
    const [reader, writer] = [zone.open({ pollInterval: 5 }), zone.open()]
    publishMany(writer, 500)
    const generations: number[] = []
    reader.subscribe((_, { generation }) => generations.push(generation), { replay: 'all' })
    for (let burst = 0; burst < 30; burst++) {
      publishMany(writer, 20)
      await until(() => generations.length > 500 + 20 * burst - 800)
    }
    await until(() => generations.length >= 1100)
    expect(generations).toEqual(range(1, 1100))
  })

  it('of a generation that is no longer retained reports what is lost, once, before the events', () => {
    const told: (Missed | number)[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    for (let round = 0; round < 3; round++) {
      publishMany(bus, 4)
      bus.poll()
    }
    bus.subscribe((_, { generation }) => told.push(generation), { replay: 2 })
    bus.poll()
    expect(told).toEqual([{ from: 3, to: 8, count: 6 }, 9, 10, 11, 12])
  })

  it("of 'all' reports no loss: nobody misses what it never promised", () => {
    const told: (Missed | number)[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    for (let round = 0; round < 3; round++) {
      publishMany(bus, 4)
      bus.poll()
    }
    bus.subscribe((_, { generation }) => told.push(generation), { replay: 'all' })
    bus.poll()
    expect(told).toEqual([9, 10, 11, 12])
  })

  it('ends with its subscription, in its midst too', () => {
    const bus = subject.open()
    publishMany(bus, 5)
    bus.poll()
    const generations: number[] = []
    const subscription = bus.subscribe(
      (_, { generation }) => {
        generations.push(generation)
        if (generation === 2) subscription.unsubscribe()
      },
      { replay: 'all' },
    )
    bus.poll()
    expect(generations).toEqual([1, 2])
  })

  it('lets several subscriptions each have their past', () => {
    const bus = subject.open({ ringSize: 4 })
    publishMany(bus, 4)
    bus.poll()
    const seen: string[] = []
    for (const name of ['a', 'b', 'c']) {
      bus.subscribe((_, { generation }) => seen.push(`${name}${generation}`), { replay: 'all' })
    }
    publishMany(bus, 0)
    bus.poll()
    expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => range(1, 4).map((generation) => `${name}${generation}`)))
  })

  it('does not repeat a unique event that was executed, and executes one that nobody had a handler for', () => {
    const bus = subject.open()
    const first: unknown[] = []
    const handler = bus.subscribe('a', (payload) => first.push(payload))
    bus.publish('a', 't', 'executed', { unique: '1' })
    bus.publish('b', 't', 'nobody', { unique: '2' })
    bus.poll()
    handler.unsubscribe()
    const replayed: unknown[] = []
    bus.subscribe((payload) => replayed.push(payload), { replay: 'all' })
    bus.poll()
    expect(first).toEqual(['executed'])
    expect(replayed).toEqual(['nobody'])
  })

  it('passes over continuation entries of large events, and lands in the midst of one', () => {
    const bus = subject.open({ ringSize: 16, entryPayload: 80 })
    const large = (mark: string): string => mark.repeat(500)
    for (const mark of ['a', 'b', 'c', 'd']) bus.publish('c', 't', large(mark))
    bus.poll()
    const marks: string[] = []
    bus.subscribe((payload) => marks.push((payload as string).slice(0, 1)), { replay: 2 })
    bus.poll()
    expect(marks).toEqual(['b', 'c', 'd'])
  })
})
