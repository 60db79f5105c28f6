/** Guarantee 4: handlers are called in a known order and do not hurt each other. */
import type { Handler, WorkerEvent } from '../../src/index.js'
import { recordAll, turns } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('the handlers of one event', (subject) => {
  it('are called by level, weak before strong, then in order of subscription', () => {
    const bus = subject.open()
    const calls: string[] = []
    const named = (name: string): Handler => {
      const handler = (): void => {
        calls.push(name)
      }
      kept.push(handler)
      return handler
    }
    const kept: Handler[] = []
    bus.subscribe('c', 't', named('type strong 1'))
    bus.subscribe('c', '*', named('type pattern strong 2'))
    bus.subscribe('c', named('channel strong 1'))
    bus.subscribe(named('all strong 1'))
    bus.subscribe('c', ['u', 't'], named('type weak'), { weak: true })
    bus.subscribe('*', named('channel pattern strong 2'))
    bus.subscribe(named('all weak 1'), { weak: true })
    bus.subscribe('c', named('channel weak'), { weak: true })
    bus.subscribe(named('all weak 2'), { weak: true })
    bus.subscribe(named('all strong 2'))
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toEqual([
      'all weak 1',
      'all weak 2',
      'all strong 1',
      'all strong 2',
      'channel weak',
      'channel strong 1',
      'channel pattern strong 2',
      'type weak',
      'type strong 1',
      'type pattern strong 2',
    ])
    expect(kept).toHaveLength(10)
  })

  it('keep the order of subscription after others unsubscribed', () => {
    const bus = subject.open()
    const calls: number[] = []
    const subscriptions = [0, 1, 2, 3, 4].map((number) => bus.subscribe('c', () => calls.push(number)))
    subscriptions[1]?.unsubscribe()
    bus.subscribe('c', () => calls.push(5))
    subscriptions[3]?.unsubscribe()
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toEqual([0, 2, 4, 5])
  })

  it('are not kept from the event by one that throws, which is reported with the event', () => {
    const errors: [unknown, WorkerEvent | undefined][] = []
    const bus = subject.open({ onError: (error, event) => errors.push([error, event]) })
    const failure = new Error('from a handler')
    bus.subscribe(() => {
      throw failure
    })
    const seen = recordAll(bus)
    bus.publish('c', 't', 1)
    bus.publish('c', 't', 2)
    expect(bus.poll()).toBe('done')
    expect(seen.map(({ payload }) => payload)).toEqual([1, 2])
    expect(errors).toEqual([
      [failure, seen[0]],
      [failure, seen[1]],
    ])
    expect(errors[0]?.[1]).toBe(seen[0])
  })

  it('are not called again for an event that one of them failed on', () => {
    const bus = subject.open({ onError: () => undefined })
    let calls = 0
    bus.subscribe(() => {
      calls++
      throw new Error('always')
    })
    bus.publish('c', 't')
    bus.poll()
    bus.poll()
    expect(calls).toBe(1)
  })

  it('are not awaited, and a promise of theirs that rejects is reported with the event', async () => {
    const errors: [unknown, WorkerEvent | undefined][] = []
    const bus = subject.open({ onError: (error, event) => errors.push([error, event]) })
    const calls: string[] = []
    const failure = new Error('later')
    bus.subscribe(async () => {
      calls.push('first begins')
      await turns(1)
      calls.push('first ends')
      throw failure
    })
    bus.subscribe(() => calls.push('second'))
    bus.publish('c', 't', 'p')
    bus.poll()
    expect(calls).toEqual(['first begins', 'second'])
    await turns()
    expect(calls).toEqual(['first begins', 'second', 'first ends'])
    expect(errors).toEqual([[failure, expect.objectContaining({ payload: 'p' })]])
  })

  it('may return a thenable whose then throws', () => {
    const errors: unknown[] = []
    const bus = subject.open({ onError: (error) => errors.push(error) })
    const failure = new Error('no promise')
    bus.subscribe(() => ({
      then() {
        throw failure
      },
    }))
    const seen = recordAll(bus)
    bus.publish('c', 't')
    bus.poll()
    expect(errors).toEqual([failure])
    expect(seen).toHaveLength(1)
  })
})

describeOnBothRegions('a change of subscriptions while an event is delivered', (subject) => {
  it('lets a new handler see the next event first, at whatever level it stands', () => {
    const bus = subject.open()
    const calls: string[] = []
    bus.subscribe('c', (payload) => {
      calls.push(`old ${String(payload)}`)
      if (payload !== 1) return
      bus.subscribe((later) => calls.push(`new, of everything ${String(later)}`))
      bus.subscribe('c', 't', (later) => calls.push(`new, of the type ${String(later)}`))
    })
    bus.publish('c', 't', 1)
    bus.publish('c', 't', 2)
    bus.poll()
    expect(calls).toEqual(['old 1', 'new, of everything 2', 'old 2', 'new, of the type 2'])
  })

  it('keeps a handler that was unsubscribed from being called from that moment on', () => {
    const bus = subject.open()
    const calls: string[] = []
    bus.subscribe(() => {
      calls.push('first')
      second.unsubscribe()
      expect(bus.unsubscribe(third, 'c')).toBe(true)
    })
    const third = (): void => {
      calls.push('third')
    }
    const second = bus.subscribe('c', () => calls.push('second'))
    bus.subscribe('c', third)
    bus.subscribe('c', () => calls.push('fourth'))
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toEqual(['first', 'fourth'])
  })

  it('lets a handler unsubscribe itself', () => {
    const bus = subject.open()
    const calls: unknown[] = []
    const once = bus.subscribe('c', (payload) => {
      calls.push(payload)
      once.unsubscribe()
    })
    bus.publish('c', 't', 1)
    bus.publish('c', 't', 2)
    bus.poll()
    expect(calls).toEqual([1])
  })

  it('ends delivery when a handler closes the bus', () => {
    const bus = subject.open()
    const calls: string[] = []
    bus.subscribe(() => {
      calls.push('closes')
      bus.close()
    })
    bus.subscribe(() => calls.push('never'))
    bus.publish('c', 't')
    bus.publish('c', 't')
    expect(bus.poll()).toBe('done')
    expect(calls).toEqual(['closes'])
  })
})
