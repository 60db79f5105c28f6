/** `publishLocal`: for this worker alone, by reference, before what waits in the ring. */
import { coded, recordAll } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('publishLocal', (subject) => {
  it('reaches this worker and no other, and takes no generation', () => {
    const zone = subject.makeZone()
    const [mine, other] = [zone.open(), zone.open()]
    const seen = [recordAll(mine), recordAll(other)] as const
    mine.publishLocal('c', 't', 1)
    mine.poll()
    other.poll()
    expect(seen[0]).toHaveLength(1)
    expect(seen[1]).toEqual([])
    expect(mine.publish('c', 't')).toBe(1)
  })

  it('passes the payload by reference, also what has no JSON', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const payload: { self?: unknown; run: () => number; big: bigint } = { run: () => 1, big: 1n }
    payload.self = payload
    bus.publishLocal('c', 't', payload)
    bus.poll()
    expect(seen[0]?.payload).toBe(payload)
  })

  it('gives an event without pid and with generation 0', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const before = Date.now()
    bus.publishLocal('cache', 'purged', 'p')
    bus.poll()
    const timestamp = seen[0]?.timestamp ?? 0
    expect(timestamp).toBeGreaterThanOrEqual(before)
    expect(timestamp).toBeLessThanOrEqual(Date.now())
    expect(seen).toStrictEqual([
      {
        channel: 'cache',
        type: 'purged',
        payload: 'p',
        generation: 0,
        timestamp,
        pid: undefined,
        worker: bus.worker,
        local: true,
      },
    ])
    expect(Object.isFrozen(seen[0])).toBe(true)
  })

  it('is matched by subscriptions as a broadcast event is', () => {
    const bus = subject.open()
    const calls: string[] = []
    bus.subscribe('c', 't', () => calls.push('type'))
    bus.subscribe('c.*', () => calls.push('pattern'))
    bus.subscribe('other', () => calls.push('other'))
    bus.publishLocal('c', 't')
    bus.publishLocal('c.d', 't')
    bus.poll()
    expect(calls).toEqual(['type', 'pattern'])
  })

  it('comes before broadcast events that were published earlier, also from inside a handler', () => {
    const bus = subject.open()
    const seen: unknown[] = []
    bus.subscribe((payload) => {
      seen.push(payload)
      if (payload === 1) bus.publishLocal('c', 't', 'local')
    })
    bus.publish('c', 't', 1)
    bus.publish('c', 't', 2)
    bus.poll()
    expect(seen).toEqual([1, 'local', 2])
  })

  it('reports a handler that throws with the local event', () => {
    const errors: unknown[][] = []
    const bus = subject.open({ onError: (...args) => errors.push(args) })
    bus.subscribe(() => {
      throw new Error('x')
    })
    bus.publishLocal('c', 't')
    bus.poll()
    expect(errors).toEqual([[new Error('x'), expect.objectContaining({ local: true, channel: 'c' })]])
  })

  it('fails on a closed bus', () => {
    const bus = subject.open()
    bus.close()
    expect(() => bus.publishLocal('c', 't')).toThrow(coded('ERR_CLOSED'))
  })
})
