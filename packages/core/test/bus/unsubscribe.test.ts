/** `unsubscribe` removes every copy of a handler, at exactly the level named and at no other, as its seed does. */
import { coded } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('unsubscribe', (subject) => {
  /** A bus with one handler at four levels, and how often it is called for c/t and c/u. */
  const everywhere = () => {
    const bus = subject.open()
    const calls: string[] = []
    const handler = (_: unknown, event: { type: string }): number => calls.push(event.type)
    bus.subscribe(handler)
    bus.subscribe('c', handler)
    bus.subscribe('c', 't', handler)
    bus.subscribe('c', ['t', 'u'], handler)
    const count = (): string => {
      calls.length = 0
      bus.publish('c', 't')
      bus.publish('c', 'u')
      bus.poll()
      return calls.join('')
    }
    return { bus, handler, count }
  }

  it('finds a handler at all its levels to begin with', () => {
    expect(everywhere().count()).toBe('ttttuuu')
  })

  it('without a channel leaves the handler of a channel, and of a channel and type', () => {
    const { bus, handler, count } = everywhere()
    expect(bus.unsubscribe(handler)).toBe(true)
    expect(count()).toBe('tttuu')
    expect(bus.unsubscribe(handler)).toBe(false)
  })

  it('of a channel leaves the handler of everything, and of a channel and type', () => {
    const { bus, handler, count } = everywhere()
    expect(bus.unsubscribe(handler, 'c')).toBe(true)
    expect(count()).toBe('tttuu')
    expect(bus.unsubscribe(handler, 'c')).toBe(false)
  })

  it('of a type removes that type alone, out of a list too', () => {
    const { bus, handler, count } = everywhere()
    expect(bus.unsubscribe(handler, 'c', 't')).toBe(true)
    expect(count()).toBe('ttuuu')
    expect(bus.unsubscribe(handler, 'c', 't')).toBe(false)
    expect(bus.unsubscribe(handler, 'c', 'u')).toBe(true)
    expect(count()).toBe('ttuu')
  })

  it('of several types removes those of them that there are', () => {
    const { bus, handler, count } = everywhere()
    expect(bus.unsubscribe(handler, 'c', 'nowhere', 't', 'u')).toBe(true)
    expect(count()).toBe('ttuu')
    expect(bus.unsubscribe(handler, 'c', 'nowhere', 't', 'u')).toBe(false)
  })

  it('removes every copy', () => {
    const bus = subject.open()
    let calls = 0
    const handler = (): void => {
      calls++
    }
    for (let copy = 0; copy < 3; copy++) bus.subscribe('c', handler)
    expect(bus.unsubscribe(handler, 'c')).toBe(true)
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(0)
  })

  it('removes weak copies too', () => {
    const bus = subject.open()
    let calls = 0
    const handler = (): void => {
      calls++
    }
    bus.subscribe('c', handler, { weak: true })
    bus.subscribe('c', handler)
    expect(bus.unsubscribe(handler, 'c')).toBe(true)
    bus.publish('c', 't')
    bus.poll()
    expect(calls).toBe(0)
  })

  it('is false for another handler, channel or type, and removes nothing then', () => {
    const { bus, handler, count } = everywhere()
    expect(bus.unsubscribe(() => 1)).toBe(false)
    expect(bus.unsubscribe(handler, 'd')).toBe(false)
    expect(bus.unsubscribe(handler, 'c', 'v')).toBe(false)
    expect(count()).toBe('ttttuuu')
  })

  it('takes a pattern as the text that it is, and matches nothing by it', () => {
    const bus = subject.open()
    let calls = 0
    const handler = (): void => {
      calls++
    }
    bus.subscribe('cache.*', handler)
    bus.subscribe('cache.a', handler)
    expect(bus.unsubscribe(handler, '*')).toBe(false)
    expect(bus.unsubscribe(handler, 'cache.*')).toBe(true)
    bus.publish('cache.a', 't')
    bus.poll()
    expect(calls).toBe(1)
  })

  it('refuses a handler that is no function', () => {
    const bus = subject.open()
    expect(() => bus.unsubscribe('h' as never)).toThrow(coded('ERR_INVALID_ARGUMENT', 'a function', 'got "h"'))
  })
})
