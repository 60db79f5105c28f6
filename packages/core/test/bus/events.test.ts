/** `events()`: the bus as an async iterable whose buffer is bounded, and which ends without an error. */
import type { Missed, WorkerEvent, WorkerEvents } from '../../src/index.js'
import { coded, hasWrapped, publishMany, recordAll, turns } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

/** Publishes as a lively worker would see it: each event is delivered before the next is published. */
function publishAndPoll(bus: WorkerEvents, count: number, from = 0): void {
  for (let each = 0; each < count; each++) {
    publishMany(bus, 1, from + each)
    bus.poll()
  }
}

/** Everything that can be taken without waiting. */
async function taken(events: AsyncIterator<WorkerEvent>, count: number): Promise<unknown[]> {
  const payloads: unknown[] = []
  for (let each = 0; each < count; each++) {
    const result = await events.next()
    payloads.push(result.done === true ? 'end' : result.value.payload)
  }
  return payloads
}

describeOnBothRegions('events', (subject) => {
  it('yields the events from the call on, before the loop begins too', async () => {
    const bus = subject.open()
    bus.publish('c', 't', 'past')
    bus.poll()
    const events = bus.events()
    publishAndPoll(bus, 3)
    expect(await taken(events, 3)).toEqual([0, 1, 2])
  })

  it('waits for the next event', async () => {
    const bus = subject.open()
    const events = bus.events()
    const pending = Promise.all([events.next(), events.next()])
    publishAndPoll(bus, 2)
    expect((await pending).map(({ value }) => (value as WorkerEvent).payload)).toEqual([0, 1])
  })

  it('yields the objects that handlers get', async () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const events = bus.events()
    publishAndPoll(bus, 1)
    const result = await events.next()
    expect(result.value).toBe(seen[0])
  })

  it.each<[string, { channel?: string; type?: string }, string[]]>([
    ['a channel', { channel: 'a' }, ['a/x', 'a/y']],
    ['a channel and a type', { channel: 'a', type: 'x' }, ['a/x']],
    ['a type', { type: 'x' }, ['a/x', 'b.c/x']],
    ['a pattern', { channel: 'b.*' }, ['b.c/x', 'b.c/y']],
    ['nothing', {}, ['a/x', 'a/y', 'b.c/x', 'b.c/y']],
  ])('yields what matches %s', async (_, filter, expected) => {
    const bus = subject.open()
    const events = bus.events(filter)
    for (const channel of ['a', 'b.c']) for (const type of ['x', 'y']) bus.publish(channel, type)
    bus.poll()
    bus.close()
    const found: string[] = []
    for await (const { channel, type } of events) found.push(`${channel}/${type}`)
    expect(found).toEqual(expected)
  })

  it('keeps as many events as the ring has entries, loses the oldest, and tells its own onMissed first', async () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 4, onMissed: () => told.push('the bus') })
    const order: unknown[] = []
    const events = bus.events({ onMissed: (missed) => order.push(missed) })
    publishAndPoll(bus, 14)
    expect(hasWrapped(bus)).toBe(true)
    expect(order).toEqual([])
    order.push(...(await taken(events, 4)))
    expect(order).toEqual([{ from: 1, to: 10, count: 10 }, 10, 11, 12, 13])
    publishAndPoll(bus, 5, 14)
    order.length = 0
    order.push(...(await taken(events, 4)))
    expect(order).toEqual([{ from: 15, to: 15, count: 1 }, 15, 16, 17, 18])
    expect(told).toEqual([])
  })

  it('tells the onMissed of the bus of what a loop without its own lost', async () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(missed) })
    const events = bus.events()
    publishAndPoll(bus, 6)
    expect(await taken(events, 1)).toEqual([2])
    expect(told).toEqual([{ from: 1, to: 2, count: 2 }])
  })

  it('tells no other loop of what one lost by its own slowness', async () => {
    const bus = subject.open({ ringSize: 4, onMissed: () => undefined })
    const told: Missed[] = []
    const slow = bus.events()
    const fast = bus.events({ onMissed: (missed) => told.push(missed) })
    for (let count = 0; count < 8; count++) {
      publishAndPoll(bus, 1, count)
      expect(await taken(fast, 1)).toEqual([count])
    }
    expect(await taken(slow, 1)).toEqual([4])
    expect(told).toEqual([])
  })

  it('tells its own onMissed, and that of the bus, of what the worker lost', async () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 4, onMissed: (missed) => told.push(['bus', missed]) })
    const events = bus.events({ onMissed: (missed) => told.push(['loop', missed]) })
    publishMany(bus, 7)
    bus.poll()
    const missed = { from: 1, to: 3, count: 3 }
    expect(told).toEqual([['bus', missed]])
    expect(await taken(events, 1)).toEqual([3])
    expect(told).toEqual([
      ['bus', missed],
      ['loop', missed],
    ])
    expect(await taken(events, 3)).toEqual([4, 5, 6])
  })

  it('tells a loss between the event before and the event after, and each loss once', async () => {
    const bus = subject.open({ ringSize: 4, onMissed: () => undefined })
    const order: unknown[] = []
    const events = bus.events({ onMissed: (missed) => order.push(missed) })
    publishAndPoll(bus, 2)
    publishMany(bus, 6, 2)
    bus.poll()
    for (let count = 0; count < 4; count++) order.push(...(await taken(events, 1)))
    expect(order).toEqual([{ from: 1, to: 4, count: 4 }, 4, 5, 6, 7])
    publishAndPoll(bus, 1, 8)
    publishMany(bus, 6, 9)
    const last = taken(events, 2)
    bus.poll()
    order.length = 0
    order.push(...(await last), ...(await taken(events, 3)))
    expect(order).toEqual([{ from: 10, to: 11, count: 2 }, 8, 11, 12, 13, 14])
  })

  it('never reports a range that runs backwards, though local events are lost among the others', async () => {
    const told: Missed[] = []
    const bus = subject.open({ ringSize: 2 })
    const events = bus.events({ onMissed: (missed) => told.push(missed) })
    const lose = (publishes: readonly (() => unknown)[]): void => {
      for (const publish of publishes) publish()
      bus.poll()
    }
    const local = (): void => bus.publishLocal('c', 't', 'local')
    const broadcast = (): number => bus.publish('c', 't', 'broadcast')
    for (const publish of [local, broadcast, local, local, local]) lose([publish])
    expect(await taken(events, 2)).toEqual(['local', 'local'])
    for (const publish of [broadcast, broadcast, local, local]) lose([publish])
    expect(await taken(events, 2)).toEqual(['local', 'local'])
    expect(told).toEqual([
      { from: 1, to: 1, count: 1 },
      { from: 2, to: 3, count: 2 },
    ])
  })

  it('reports an onMissed that throws, and goes on', async () => {
    const errors: unknown[] = []
    const bus = subject.open({ ringSize: 1, onError: (error) => errors.push(error) })
    const failure = new Error('from onMissed')
    const events = bus.events({
      onMissed: () => {
        throw failure
      },
    })
    publishAndPoll(bus, 3)
    expect(await taken(events, 1)).toEqual([2])
    expect(errors).toEqual([failure])
  })

  it.each(['all', 0, 2] as const)('begins with the past if asked to replay %s', async (replay) => {
    const bus = subject.open()
    publishAndPoll(bus, 4)
    const events = bus.events({ replay })
    publishAndPoll(bus, 1, 4)
    expect(await taken(events, replay === 2 ? 3 : 5)).toEqual(replay === 2 ? [2, 3, 4] : [0, 1, 2, 3, 4])
  })

  it.each<[string, unknown]>([
    ['options that are no object', 5],
    ['options that are null', null],
    ['a replay of another word', { replay: 'some' }],
    ['a signal that is none', { signal: 1 }],
    ['an onMissed that is no function', { onMissed: 'no' }],
  ])('refuses %s', (_, options) => {
    const bus = subject.open()
    expect(() => bus.events(options as object)).toThrow(coded('ERR_INVALID_ARGUMENT'))
  })

  it('refuses names that are none', () => {
    const bus = subject.open()
    expect(() => bus.events({ channel: 'a*' })).toThrow(coded('ERR_INVALID_NAME', 'channel'))
    expect(() => bus.events({ channel: 'a', type: '' })).toThrow(coded('ERR_INVALID_NAME', 'type'))
  })
})

describeOnBothRegions('the end of events()', (subject) => {
  const ends: [string, (bus: WorkerEvents, controller: AbortController) => void][] = [
    ['close', (bus) => bus.close()],
    ['abort', (_, controller) => controller.abort(new Error('not thrown'))],
  ]

  it.each(ends)('by %s comes without an error, to a loop that waits', async (_, end) => {
    const bus = subject.open()
    const controller = new AbortController()
    const payloads: unknown[] = []
    const loop = (async () => {
      for await (const event of bus.events({ signal: controller.signal })) payloads.push(event.payload)
    })()
    publishAndPoll(bus, 2)
    await turns()
    end(bus, controller)
    await loop
    expect(payloads).toEqual([0, 1])
  })

  it.each(ends)('by %s lets a slow loop take what it has', async (_, end) => {
    const bus = subject.open()
    const controller = new AbortController()
    const events = bus.events({ signal: controller.signal })
    publishAndPoll(bus, 2)
    end(bus, controller)
    expect(await taken(events, 4)).toEqual([0, 1, 'end', 'end'])
  })

  it('by abort stops the flow at once', async () => {
    const bus = subject.open()
    const controller = new AbortController()
    const events = bus.events({ signal: controller.signal })
    controller.abort()
    publishAndPoll(bus, 1)
    expect(await taken(events, 1)).toEqual(['end'])
  })

  it('comes at once if the signal has aborted already', async () => {
    const bus = subject.open()
    const events = bus.events({ signal: AbortSignal.abort() })
    publishAndPoll(bus, 1)
    expect(await taken(events, 1)).toEqual(['end'])
  })

  it('by break releases the subscription', async () => {
    const bus = subject.open()
    const events = bus.events()
    publishAndPoll(bus, 3)
    for await (const { payload } of events) {
      expect(payload).toBe(0)
      break
    }
    expect(await taken(events, 1)).toEqual(['end'])
    const later = bus.events()
    // Nobody but the new loop may win it.
    bus.publish('c', 't', 'unique', { unique: 'k' })
    bus.poll()
    expect(await taken(later, 1)).toEqual(['unique'])
  })

  it('is that of this loop alone', async () => {
    const bus = subject.open()
    const controller = new AbortController()
    const one = bus.events({ signal: controller.signal })
    const two = bus.events()
    controller.abort()
    publishAndPoll(bus, 1)
    expect(await taken(one, 1)).toEqual(['end'])
    expect(await taken(two, 1)).toEqual([0])
  })

  it('has come when the bus is closed', () => {
    const bus = subject.open()
    bus.close()
    expect(() => bus.events()).toThrow(coded('ERR_CLOSED'))
  })
})
