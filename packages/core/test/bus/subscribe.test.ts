/** Subscriptions: their forms, their ends, and what they match. */
import { coded, recordAll } from '../expectations.js'
import type { Handler, WorkerEvents } from '../../src/index.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

/** Publishes some events and gives `channel/type` of those that a subscription was called for. */
function heard(bus: WorkerEvents, subscribe: (handler: Handler) => unknown, ...names: [string, string][]): string[] {
  const seen: string[] = []
  subscribe((_, event) => seen.push(`${event.channel}/${event.type}`))
  for (const [channel, type] of names) bus.publish(channel, type)
  bus.poll()
  return seen
}

const names: [string, string][] = [
  ['a', 'x'],
  ['a', 'y'],
  ['a', 'z'],
  ['b', 'x'],
]

describeOnBothRegions('subscribe', (subject) => {
  it('hears everything when no channel is named', () => {
    const bus = subject.open()
    expect(heard(bus, (handler) => bus.subscribe(handler), ...names)).toEqual(['a/x', 'a/y', 'a/z', 'b/x'])
  })

  it('hears a channel', () => {
    const bus = subject.open()
    expect(heard(bus, (handler) => bus.subscribe('a', handler), ...names)).toEqual(['a/x', 'a/y', 'a/z'])
  })

  it('hears a type of a channel', () => {
    const bus = subject.open()
    expect(heard(bus, (handler) => bus.subscribe('a', 'x', handler), ...names)).toEqual(['a/x'])
  })

  it('hears several types of a channel', () => {
    const bus = subject.open()
    expect(heard(bus, (handler) => bus.subscribe('a', ['z', 'x'], handler), ...names)).toEqual(['a/x', 'a/z'])
  })

  it('does not mistake one name for another that begins like it or has another case', () => {
    const bus = subject.open()
    const near: [string, string][] = [
      ['ab', 'x'],
      ['a', 'xy'],
      ['A', 'x'],
      ['ax', 'x'],
      ['a', 'x'],
    ]
    expect(heard(bus, (handler) => bus.subscribe('a', 'x', handler), ...near)).toEqual(['a/x'])
  })

  it('passes payload and event', () => {
    const bus = subject.open()
    const calls: unknown[][] = []
    bus.subscribe('c', 't', (...args) => calls.push(args))
    bus.publish('c', 't', { n: 1 })
    bus.poll()
    expect(calls).toEqual([[{ n: 1 }, expect.objectContaining({ channel: 'c', payload: { n: 1 } })]])
    expect((calls[0]?.[1] as { payload: unknown }).payload).toBe(calls[0]?.[0])
  })

  it('calls a handler twice that was subscribed twice', () => {
    const bus = subject.open()
    let calls = 0
    const handler = (): void => {
      calls++
    }
    bus.subscribe('c', 't', handler)
    bus.subscribe('c', 't', handler)
    bus.subscribe('c', handler)
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(3)
  })

  it('calls a handler once for overlapping types of one subscription', () => {
    const bus = subject.open()
    const called = heard(bus, (handler) => bus.subscribe('a', ['x', 'x', '*'], handler), ...names)
    expect(called).toEqual(['a/x', 'a/y', 'a/z'])
  })

  it('starts with the next event: what was published before is not heard', () => {
    const bus = subject.open()
    bus.publish('c', 't', 'past')
    bus.poll()
    const seen = recordAll(bus)
    bus.publish('c', 't', 'future')
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual(['future'])
  })

  it.each<[string, unknown[], string]>([
    ['a handler that is no function', ['c', 't', 'h'], 'got "h"'],
    ['no arguments', [], 'got undefined'],
    ['a channel without a handler', ['c'], 'got "c"'],
    ['an object for a handler', [{}], 'got an object'],
    ['a handler after too much', ['c', 't', 'u', () => 1], 'function'],
    ['an empty list of types', ['c', [], () => 1], 'types is empty'],
    ['options that are no object', [() => 1, 5], 'an object, got 5'],
    ['options that are null', ['c', () => 1, null], 'an object, got null'],
    ['an unknown option', [() => 1, { week: true }], '"week"'],
    ['a weak that is no boolean', [() => 1, { weak: 1 }], 'weak must be a boolean, got 1'],
    ['a signal that is none', [() => 1, { signal: {} }], 'signal must be an AbortSignal'],
    ['a replay below 0', [() => 1, { replay: -1 }], "replay must be a generation or 'all', got -1"],
    ['a replay that is no integer', [() => 1, { replay: 1.5 }], 'replay must be'],
    ['a replay of another word', [() => 1, { replay: 'some' }], 'got "some"'],
  ])('refuses %s', (_, args, part) => {
    const bus = subject.open()
    const subscribe = bus.subscribe.bind(bus) as (...args: unknown[]) => unknown
    expect(() => subscribe(...args)).toThrow(coded('ERR_INVALID_ARGUMENT', part))
  })

  it.each<[string, unknown[], string]>([
    ['an empty channel', ['', () => 1], 'channel'],
    ['a channel that is a number', [5, () => 1], 'channel'],
    ['an empty type', ['c', '', () => 1], 'type'],
    ['a wrong type in a list', ['c', ['t', null], () => 1], 'type'],
    ['a channel of 65 bytes', ['x'.repeat(65), () => 1], '65 bytes'],
    ['a lone surrogate', ['\ud800', () => 1], 'surrogate'],
  ])('refuses %s', (_, args, part) => {
    const bus = subject.open()
    const subscribe = bus.subscribe.bind(bus) as (...args: unknown[]) => unknown
    expect(() => subscribe(...args)).toThrow(coded('ERR_INVALID_NAME', part))
  })
})

describeOnBothRegions('a pattern', (subject) => {
  const patterned = (channel: string, types: string | undefined, ...published: [string, string][]): string[] => {
    const bus = subject.open({ ringSize: 16 })
    const subscribe = (handler: Handler): unknown =>
      types === undefined ? bus.subscribe(channel, handler) : bus.subscribe(channel, types, handler)
    return heard(bus, subscribe, ...published)
  }
  const tree: [string, string][] = [
    ['cache', 't'],
    ['cache.', 't'],
    ['cache.invalidate', 't'],
    ['cache.a.b', 't'],
    ['cached.a', 't'],
    ['other', 't'],
  ]

  it('of a star alone matches any channel', () => {
    expect(patterned('*', undefined, ...tree)).toHaveLength(tree.length)
  })

  it('that ends in .* matches what follows the dot, however deep, and not what stands before it', () => {
    expect(patterned('cache.*', undefined, ...tree)).toEqual(['cache.invalidate/t', 'cache.a.b/t'])
    expect(patterned('cache.a.*', undefined, ...tree)).toEqual(['cache.a.b/t'])
  })

  it('may stand for a type too', () => {
    expect(patterned('a', '*', ...names)).toEqual(['a/x', 'a/y', 'a/z'])
    expect(patterned('*', 'x', ...names)).toEqual(['a/x', 'b/x'])
    expect(patterned('a', 'user.*', ['a', 'user'], ['a', 'user.in'], ['b', 'user.in'])).toEqual(['a/user.in'])
  })

  it.each(['a*', '*a', 'a.*.b', '**', 'a.**', '*.*', 'a.*b', '*.'])('may not be %s', (pattern) => {
    const bus = subject.open()
    expect(() => bus.subscribe(pattern, () => 1)).toThrow(coded('ERR_INVALID_NAME', 'channel', pattern, 'cache.*'))
    expect(() => bus.subscribe('c', pattern, () => 1)).toThrow(coded('ERR_INVALID_NAME', 'type', pattern))
    expect(() => bus.subscribe('c', ['t', pattern], () => 1)).toThrow(coded('ERR_INVALID_NAME', 'type', pattern))
  })
})

describeOnBothRegions('the end of a subscription', (subject) => {
  const ends: [string, (bus: ReturnType<Subject['open']>, handler: Handler) => () => void][] = [
    [
      'unsubscribe()',
      (bus, handler) => {
        const subscription = bus.subscribe('c', handler)
        return () => subscription.unsubscribe()
      },
    ],
    [
      'Symbol.dispose',
      (bus, handler) => {
        const subscription = bus.subscribe('c', handler)
        return () => subscription[Symbol.dispose]()
      },
    ],
    [
      'its signal',
      (bus, handler) => {
        const controller = new AbortController()
        bus.subscribe('c', handler, { signal: controller.signal })
        return () => controller.abort()
      },
    ],
  ]

  it.each(ends)('by %s leaves other subscriptions of the same handler, and may be repeated', (_, make) => {
    const bus = subject.open()
    let calls = 0
    const handler = (): void => {
      calls++
    }
    const end = make(bus, handler)
    bus.subscribe('c', handler)
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(2)
    end()
    end()
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(3)
  })

  it('comes at once if its signal has aborted already', () => {
    const bus = subject.open()
    let calls = 0
    bus.subscribe(() => calls++, { signal: AbortSignal.abort() })
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(0)
  })

  it('lets go of the signal', () => {
    const bus = subject.open()
    const { signal } = new AbortController()
    const counts = { added: 0, removed: 0 }
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      counts.added++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      counts.removed++
      remove(...args)
    }
    const subscription = bus.subscribe(() => 1, { signal })
    expect(counts).toEqual({ added: 1, removed: 0 })
    subscription.unsubscribe()
    expect(counts).toEqual({ added: 1, removed: 1 })
  })
})
