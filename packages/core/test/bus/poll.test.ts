/** `poll`: everything pending, now; never recursive, never blocking, never without end. */
import { coded, hasWrapped, publishMany, recordAll, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('poll', (subject) => {
  it('delivers everything pending, in order, and says that it is done', () => {
    const bus = subject.open({ ringSize: 8 })
    const seen = recordAll(bus)
    for (let round = 0; round < 5; round++) {
      publishMany(bus, 8, round * 8)
      expect(bus.poll()).toBe('done')
    }
    expect(seen.map(({ payload }) => payload)).toEqual(Array.from({ length: 40 }, (_, index) => index))
    expect(hasWrapped(bus)).toBe(true)
  })

  it('says that it is done when there is nothing', () => {
    expect(subject.open().poll()).toBe('done')
  })

  it('delivers local events before the broadcast events that wait', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't', 'broadcast 1')
    bus.publishLocal('c', 't', 'local 1')
    bus.publish('c', 't', 'broadcast 2')
    bus.publishLocal('c', 't', 'local 2')
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual(['local 1', 'local 2', 'broadcast 1', 'broadcast 2'])
  })

  it('is recursive inside a handler, and delivers nothing there', () => {
    const bus = subject.open()
    const answers: string[] = []
    const calls: unknown[] = []
    bus.subscribe((payload) => {
      calls.push(payload)
      answers.push(bus.poll())
      calls.push('after poll')
    })
    bus.publish('c', 't', 1)
    bus.publish('c', 't', 2)
    expect(bus.poll()).toBe('done')
    expect(answers).toEqual(['recursive', 'recursive'])
    expect(calls).toEqual([1, 'after poll', 2, 'after poll'])
  })

  it('is recursive for the handler of one bus only', () => {
    const zone = subject.makeZone()
    const [outer, inner] = [zone.open(), zone.open()]
    const seen = recordAll(inner)
    const answers: string[] = []
    outer.subscribe(() => answers.push(inner.poll()))
    outer.publish('c', 't')
    outer.poll()
    expect(answers).toEqual(['done'])
    expect(seen).toHaveLength(1)
  })

  it('is not recursive any more after a handler threw', () => {
    const bus = subject.open({ onError: () => undefined })
    bus.subscribe(() => {
      throw new Error('x')
    })
    bus.publish('c', 't')
    expect([bus.poll(), bus.poll()]).toEqual(['done', 'done'])
  })

  it('delivers in the same call what handlers publish meanwhile', () => {
    const bus = subject.open()
    const seen: string[] = []
    bus.subscribe('c', (payload, { local }) => {
      const depth = payload as number
      seen.push(`${local ? 'local' : 'broadcast'} ${depth}`)
      if (depth === 3) return
      bus.publish('c', 't', depth + 1)
      if (depth === 0) bus.publishLocal('c', 't', 3)
    })
    bus.publish('c', 't', 0)
    bus.poll()
    expect(seen).toEqual(['broadcast 0', 'local 3', 'broadcast 1', 'broadcast 2', 'broadcast 3'])
  })

  it.each([
    ['publish', 1],
    ['publish', 8],
    ['publishLocal', 1],
    ['publishLocal', 8],
  ] as const)('returns although each handler calls %s again, after 2 × %i events of theirs', (method, ringSize) => {
    const bus = subject.open({ ringSize })
    let calls = 0
    bus.subscribe(() => {
      calls++
      bus[method]('c', 't')
    })
    bus.publish('c', 't')
    expect(bus.poll()).toBe('done')
    expect(calls).toBe(1 + 2 * ringSize)
    bus.poll()
    expect(calls).toBe(2 * (1 + 2 * ringSize))
  })

  it('delivers all that was pending, also when that is more than twice the ring', () => {
    const bus = subject.open({ ringSize: 2 })
    const seen = recordAll(bus)
    for (let count = 0; count < 20; count++) bus.publishLocal('c', 't', count)
    publishMany(bus, 2, 20)
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual(Array.from({ length: 22 }, (_, index) => index))
  })

  it('is the only thing that delivers with a poll interval of 0', async () => {
    const zone = subject.makeZone()
    const [still, lively] = [zone.open({ pollInterval: 0 }), zone.open({ pollInterval: 1 })]
    const seen = [recordAll(still), recordAll(lively)] as const
    still.publish('c', 't', 1)
    still.publishLocal('c', 't', 2)
    await until(() => seen[1].length === 1)
    lively.publish('c', 't', 3)
    await until(() => seen[1].length === 2)
    expect(seen[0]).toEqual([])
    still.poll()
    expect(seen[0].map(({ payload }) => payload)).toEqual([2, 1, 3])
  })

  it('delivers at once also where events come by themselves', () => {
    const bus = subject.open({ pollInterval: 1000 })
    const seen = recordAll(bus)
    bus.publish('c', 't')
    bus.poll()
    expect(seen).toHaveLength(1)
  })

  it('fails on a closed bus', () => {
    const bus = subject.open()
    bus.close()
    expect(() => bus.poll()).toThrow(coded('ERR_CLOSED'))
  })
})
