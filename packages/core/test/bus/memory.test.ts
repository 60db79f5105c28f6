/** What the bus holds in memory: weak handlers not at all, names that pass through not at all, buffers within bounds. */
import { type Handler, WorkerEvents, createZoneBuffer } from '../../src/index.js'
import { collectUntil, heapInUse } from '../collector.js'
import { recordAll } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

const MEGABYTE = 2 ** 20

describeOnBothRegions('a weak handler', (subject) => {
  it('is called as long as somebody else holds it', async () => {
    const bus = subject.open()
    const calls: unknown[] = []
    const handler: Handler = (payload) => calls.push(payload)
    bus.subscribe('c', 't', handler, { weak: true })
    await heapInUse()
    bus.publish('c', 't', 1)
    bus.poll()
    expect(calls).toEqual([1])
    expect(bus.unsubscribe(handler, 'c', 't')).toBe(true)
  })

  it('is gone when nobody else holds it any more, without an error', async () => {
    const bus = subject.open()
    const calls: unknown[] = []
    const held = subscribeWeakly((handler) => bus.subscribe('c', 't', handler, { weak: true }), calls)
    await collectUntil(() => held.deref() === undefined)
    const strong = recordAll(bus)
    bus.publish('c', 't', 1)
    bus.poll()
    expect(calls).toEqual([])
    expect(strong).toHaveLength(1)
  })

  it('that is gone does not win a unique event', async () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    const held = subscribeWeakly((handler) => one.subscribe('c', handler, { weak: true }), [])
    await collectUntil(() => held.deref() === undefined)
    const seen = recordAll(two)
    one.publish('c', 't', 1, { unique: 'k' })
    one.poll()
    two.poll()
    expect(seen).toHaveLength(1)
  })

  it('is held weakly by a pattern and by several types too, and strongly by default', async () => {
    const bus = subject.open()
    const calls: unknown[] = []
    const weak = [
      subscribeWeakly((handler) => bus.subscribe('c.*', handler, { weak: true }), calls),
      subscribeWeakly((handler) => bus.subscribe('c.d', ['t', 'u'], handler, { weak: true }), calls),
      subscribeWeakly((handler) => bus.subscribe(handler, { weak: true }), calls),
    ]
    const strong = subscribeWeakly((handler) => bus.subscribe('c.d', handler, { weak: false }), calls)
    await collectUntil(() => weak.every((each) => each.deref() === undefined))
    expect(typeof strong.deref()).toBe('function')
    bus.publish('c.d', 't', 1)
    bus.poll()
    expect(calls).toEqual([1])
  })
})

/** Subscribes a handler that is reachable from nowhere else once this returns. */
function subscribeWeakly(subscribe: (handler: Handler) => unknown, calls: unknown[]): WeakRef<Handler> {
  const handler: Handler = (payload) => calls.push(payload)
  subscribe(handler)
  return new WeakRef(handler)
}

describe('names that pass through', () => {
  it('leave the heap flat at who publishes and at who reads, subscribed to them or not, after 100,000 of them', async () => {
    const zone = createZoneBuffer({ ringSize: 64 })
    const open = (): WorkerEvents => WorkerEvents.open({ zone, pollInterval: 0, lifecycle: false })
    const [writer, stranger, listener] = [open(), open(), open()]
    let calls = 0
    stranger.subscribe('other', () => calls++)
    listener.subscribe('*', () => calls++)
    const publishNames = (from: number): void => {
      for (let name = from; name < from + 50_000; name++) {
        writer.publish(`channel ${name}`, `type ${name}`)
        if (name % 5 === 0) stranger.publishLocal(`local ${name}`, 't')
        if (name % 50 === 49) for (const bus of [writer, stranger, listener]) bus.poll()
      }
    }
    publishNames(0)
    const before = await heapInUse()
    publishNames(50_000)
    expect((await heapInUse()) - before).toBeLessThan(MEGABYTE)
    expect(calls).toBe(100_000)
    for (const bus of [writer, stranger, listener]) bus.close()
  }, 20_000)
})

describeOnBothRegions('the buffer of a loop that does not take', (subject) => {
  it('does not grow with what is published', async () => {
    const bus = subject.open({ ringSize: 8, entryPayload: 600 })
    let missed = 0
    const events = bus.events({ onMissed: ({ count }) => (missed += count) })
    for (let count = 0; count < 5_000; count++) {
      bus.publish('c', 't', `${count}`.padEnd(500, 'x'))
      bus.poll()
    }
    const result = await events.next()
    expect((result.value as { payload: string }).payload).toMatch(/^4992x/)
    expect(missed).toBe(4_992)
  })
})
