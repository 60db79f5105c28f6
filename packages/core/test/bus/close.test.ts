/** The end of a handle: what it says, what it gives back, and that nothing works afterwards. */
import { WorkerEvents, lifecycle } from '../../src/index.js'
import { cursorOf } from '../../src/registry.js'
import { coded, publishMany, recordAll, until } from '../expectations.js'
import type { Participant } from '../participant.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('close', (subject) => {
  it('gives the worker place back', () => {
    const zone = subject.makeZone({ maxWorkers: 2 })
    const [one, two] = [zone.open(), zone.open()]
    expect(() => zone.open()).toThrow(coded('ERR_ZONE_FULL', 'all 2 worker places', 'maxWorkers'))
    const { worker } = one
    one.close()
    expect(two.inspect().workers.map(({ id }) => id)).toEqual([two.worker])
    expect(zone.open().worker).toBe(worker)
  })

  it('may be repeated, and does nothing to a later handle in the same place', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    one.close()
    const heir = zone.open()
    expect(heir.worker).toBe(one.worker)
    one.close()
    one[Symbol.dispose]()
    expect(two.inspect().workers.map(({ id }) => id)).toEqual([heir.worker, two.worker])
    heir.publish('c', 't')
    expect(heir.poll()).toBe('done')
  })

  it('is done by Symbol.dispose, and so by using', () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    bus[Symbol.dispose]()
    expect(bus.closed).toBe(true)
  })

  it('is done by the signal that the bus was opened with', () => {
    const controller = new AbortController()
    const bus = subject.open({ signal: controller.signal })
    expect(bus.closed).toBe(false)
    controller.abort()
    expect(bus.closed).toBe(true)
  })

  it('is done at once by a signal that had aborted, and the place is given back', () => {
    const zone = subject.makeZone()
    const bus = zone.open({ signal: AbortSignal.abort() })
    expect(bus.closed).toBe(true)
    expect(zone.open().worker).toBe(bus.worker)
  })

  it('lets go of the signals of the bus, its subscriptions and its loops', () => {
    const { signal } = new AbortController()
    let listeners = 0
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    const held = new Set<unknown>()
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      held.add(args[1])
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      held.delete(args[1])
      remove(...args)
    }
    const bus = subject.open({ signal })
    bus.subscribe(() => 1, { signal })
    bus.events({ signal })
    expect(listeners).toBe(3)
    bus.close()
    expect(held.size).toBe(0)
  })

  it('keeps events that were published in the zone', () => {
    const zone = subject.makeZone()
    const one = zone.open()
    publishMany(one, 3)
    one.close()
    const two = zone.open()
    expect(two.inspect().events.map(({ payload }) => payload)).toEqual([0, 1, 2])
    expect(two.publish('c', 't')).toBe(4)
  })

  const calls: [string, (bus: WorkerEvents) => unknown][] = [
    ['publish', (bus) => bus.publish('c', 't')],
    ['publishLocal', (bus) => bus.publishLocal('c', 't')],
    ['subscribe', (bus) => bus.subscribe(() => 1)],
    ['unsubscribe', (bus) => bus.unsubscribe(() => 1)],
    ['events', (bus) => bus.events()],
    ['poll', (bus) => bus.poll()],
    ['configure', (bus) => bus.configure({})],
    ['inspect', (bus) => bus.inspect()],
    ['ref', (bus) => bus.ref()],
    ['unref', (bus) => bus.unref()],
  ]

  it.each(calls)('makes %s throw, whatever its arguments', (_, call) => {
    const bus = subject.open()
    bus.close()
    expect(() => call(bus)).toThrow(coded('ERR_CLOSED', 'closed'))
  })

  it('makes drained reject', async () => {
    const bus = subject.open()
    bus.close()
    await expect(bus.drained()).rejects.toEqual(coded('ERR_CLOSED'))
  })

  it('leaves the properties readable', () => {
    const bus = subject.open({ ringSize: 8 })
    const { zone, epoch, capacity, maxPayload, worker } = bus
    bus.close()
    const after = {
      zone: bus.zone,
      epoch: bus.epoch,
      capacity: bus.capacity,
      maxPayload: bus.maxPayload,
      worker: bus.worker,
    }
    expect(after).toEqual({ zone, epoch, capacity, maxPayload, worker })
    expect([bus.closed, capacity]).toEqual([true, 8])
  })

  it("inside a handler touches the place no more, which may be another's by then", () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    let heir: Participant | undefined
    bus.subscribe(() => {
      bus.close()
      heir = zone.join()
      heir.membership.storeCursor(heir.zone.head() - 2)
    })
    publishMany(bus, 3)
    bus.poll()
    expect(heir?.worker).toBe(bus.worker)
    expect(heir && heir.zone.head() - cursorOf(heir.zone, heir.worker)).toBe(2)
  })

  it('leaves subscriptions harmless', () => {
    const bus = subject.open()
    const subscription = bus.subscribe(() => 1)
    bus.close()
    expect(() => subscription.unsubscribe()).not.toThrow()
  })
})

describeOnBothRegions('lifecycle events', (subject) => {
  const named = ({ channel, type, payload }: { channel: string; type: string; payload: unknown }): unknown[] => [
    channel,
    type,
    payload,
  ]

  it('say when a worker has opened the zone, and when it closes', () => {
    const zone = subject.makeZone()
    const watching = zone.open()
    const seen = recordAll(watching)
    const coming = zone.open({ lifecycle: true })
    watching.poll()
    expect(seen.map(named)).toEqual([['worker-events', 'started', undefined]])
    expect(seen[0]).toMatchObject({ worker: coming.worker, pid: process.pid, local: false, generation: 1 })
    coming.close()
    watching.poll()
    expect(seen.map(({ type, generation }) => [type, generation])).toEqual([
      ['started', 1],
      ['stopping', 2],
    ])
  })

  it('are published by default, and by the worker itself seen if it subscribes in the same tick', async () => {
    const zone = subject.makeZone()
    const bus = WorkerEvents.open({ ...zone.place, pollInterval: 5 })
    const seen = recordAll(bus)
    await until(() => seen.length > 0)
    expect(seen[0]).toMatchObject({ channel: 'worker-events', type: 'started', worker: bus.worker })
    bus.close()
  })

  it('can be subscribed to by what is exported for them', () => {
    const zone = subject.makeZone()
    const watching = zone.open()
    const seen: string[] = []
    watching.subscribe(lifecycle.started, () => seen.push('started'))
    watching.subscribe(lifecycle.stopping, () => seen.push('stopping'))
    zone.open({ lifecycle: true }).close()
    watching.poll()
    expect(seen).toEqual(['started', 'stopping'])
    expect(lifecycle.$channel).toBe('worker-events')
  })

  it('leave the ring untouched by open and close when they are switched off', () => {
    const zone = subject.makeZone()
    const watching = zone.open({ lifecycle: false })
    zone.open({ lifecycle: false }).close()
    expect(watching.inspect()).toMatchObject({ newestGeneration: 0, lastPublish: 0 })
  })

  it('are published once however often close is called', () => {
    const zone = subject.makeZone()
    const watching = zone.open()
    const coming = zone.open({ lifecycle: true })
    coming.close()
    coming.close()
    expect(watching.inspect().events.map(({ type }) => type)).toEqual(['started', 'stopping'])
  })

  it('do not keep a worker from closing when stopped writers hold the ring', () => {
    const zone = subject.makeZone({ ringSize: 2 })
    const bus = zone.open({ lifecycle: true, publishRetries: 3 })
    const stopped = zone.join()
    const held = [stopped.stall(), stopped.stall()]
    bus.close()
    expect(bus.closed).toBe(true)
    for (const generation of held) stopped.letGo(generation)
  })
})
