/** The dispatcher by itself: which registrations an event finds, in what order, and what it keeps of names. */
import { Dispatcher, type Selector } from '../src/dispatcher.js'
import type { Handler, WorkerEvent } from '../src/index.js'
import { type NamePair, encodePair, parsePattern } from '../src/names.js'
import type { RecordView } from '../src/ring/reader.js'

const select = (channel?: string, ...types: string[]): Selector => ({
  ...(channel === undefined ? {} : { channel: parsePattern(channel, 'channel') }),
  ...(types.length === 0 ? {} : { types: types.map((type) => parsePattern(type, 'type')) }),
})

const nothing = (): undefined => undefined

function dispatcherWith(...selectors: Selector[]): Dispatcher {
  const dispatcher = new Dispatcher(nothing)
  for (const selector of selectors) dispatcher.add(() => 1, selector, false)
  return dispatcher
}

/** A record as a reader shows it, which counts how often its names are decoded. */
class Record implements RecordView {
  decoded = 0
  readonly hash: number
  readonly channelHash: number

  constructor(
    readonly pair: NamePair,
    readonly names = pair,
  ) {
    this.hash = pair.hash
    this.channelHash = pair.channelHash
  }

  isNamed({ channel, type }: NamePair): boolean {
    return channel === this.names.channel && type === this.names.type
  }

  channel(): string {
    this.decoded++
    return this.names.channel
  }

  type(): string {
    return this.names.type
  }
}

const record = (channel: string, type: string): Record => new Record(encodePair(channel, type))

const event = (payload?: unknown): WorkerEvent =>
  Object.freeze({ channel: 'c', type: 't', payload, generation: 1, timestamp: 0, pid: 1, worker: 0, local: false })

describe('the route of a record', () => {
  it('is not looked for, nor are its names decoded, when nobody wants its channel', () => {
    const dispatcher = dispatcherWith(select('a'), select('b', 't'))
    const unwanted = record('c', 't')
    expect(dispatcher.find(unwanted)).toBeUndefined()
    expect(unwanted.decoded).toBe(0)
    expect(new Dispatcher(nothing).find(unwanted)).toBeUndefined()
    expect(unwanted.decoded).toBe(0)
  })

  it('is decoded once for names that somebody wants, and found by their hash from then on', () => {
    const dispatcher = dispatcherWith(select('c', 't'))
    const [first, second] = [record('c', 't'), record('c', 't')]
    const route = dispatcher.find(first)
    expect(dispatcher.find(second)).toBe(route)
    expect([first.decoded, second.decoded]).toEqual([1, 0])
  })

  it('is not taken for that of other names of the same hash', () => {
    const dispatcher = dispatcherWith(select('c', 't'))
    dispatcher.find(record('c', 't'))
    const twin = new Record(encodePair('c', 't'), encodePair('c', 'other'))
    expect(dispatcher.find(twin)).toBeUndefined()
    expect(twin.decoded).toBe(1)
    expect(dispatcher.find(record('c', 't'))?.type).toBe('t')
  })

  it('finds channels by pattern, whatever their hash', () => {
    const dispatcher = dispatcherWith(select('cache.*'))
    expect(dispatcher.find(record('cache.a', 't'))?.registrations).toHaveLength(1)
    expect(dispatcher.find(record('other', 't'))).toBeUndefined()
  })

  it('is none for names that a torn record has: empty ones, or none that could be published', () => {
    const dispatcher = dispatcherWith(select('*'))
    for (const [channel, type] of [
      ['', 't'],
      ['c', ''],
      ['a*', 't'],
      ['c', '\ud800'],
    ]) {
      const torn = new Record(encodePair('c', 't'), { ...encodePair('c', 't'), channel, type })
      expect(dispatcher.find(torn)).toBeUndefined()
    }
  })

  it('is forgotten when subscriptions change, and made anew', () => {
    const dispatcher = dispatcherWith(select('c'))
    const before = dispatcher.find(record('c', 't'))
    const added = dispatcher.add(() => 1, select('c', 't'), false)
    expect(dispatcher.find(record('c', 't'))?.registrations).toHaveLength(2)
    expect(before?.registrations).toHaveLength(1)
    dispatcher.end(added)
    expect(dispatcher.find(record('c', 't'))?.registrations).toHaveLength(1)
    dispatcher.clear()
    expect(dispatcher.find(record('c', 't'))).toBeUndefined()
  })

  it('of a local event is found by its names alone', () => {
    const dispatcher = dispatcherWith(select('c', 't'))
    const pair = encodePair('c', 't')
    expect(dispatcher.routeOf(pair)?.registrations).toHaveLength(1)
    expect(dispatcher.routeOf(pair)).toBe(dispatcher.routeOf(encodePair('c', 't')))
    expect(dispatcher.routeOf({ ...encodePair('c', 'u'), hash: pair.hash })).toBeUndefined()
  })
})

describe('the registrations of a route', () => {
  it('stand by level, weak before strong, then by order of subscription', () => {
    const dispatcher = new Dispatcher(nothing)
    const names = new Map<unknown, string>()
    const add = (name: string, selector: Selector, weak = false): void => {
      const handler: Handler = () => name
      names.set(handler, name)
      dispatcher.add(handler, selector, weak)
    }
    add('type', select('c', 't'))
    add('channel', select('c'))
    add('weak channel', select('c'), true)
    add('all', select())
    add('type pattern', select('*', '*'))
    add('weak type', select('c', 't'), true)
    const route = dispatcher.routeOf(encodePair('c', 't'))
    expect(route?.registrations.map(({ handler }) => names.get(handler))).toEqual([
      'all',
      'weak channel',
      'channel',
      'weak type',
      'type',
      'type pattern',
    ])
  })

  it('has one of a subscription whose types overlap, and each copy of a handler', () => {
    const dispatcher = new Dispatcher(nothing)
    const handler = (): number => 1
    dispatcher.add(handler, select('c', 't', '*', 't'), false)
    dispatcher.add(handler, select('c', 't'), false)
    expect(dispatcher.routeOf(encodePair('c', 't'))?.registrations).toHaveLength(2)
  })
})

describe('delivery by the dispatcher', () => {
  const deliver = (dispatcher: Dispatcher, payload?: unknown): void => {
    const route = dispatcher.routeOf(encodePair('c', 't'))
    if (route !== undefined) dispatcher.deliver(route, event(payload))
  }

  it('goes on when one throws, and reports what was thrown with the event', () => {
    const reported: unknown[][] = []
    const dispatcher = new Dispatcher((...args) => reported.push(args))
    const calls: number[] = []
    const failure = new Error('x')
    dispatcher.add(
      () => {
        calls.push(1)
        throw failure
      },
      select(),
      false,
    )
    dispatcher.add(() => calls.push(2), select(), false)
    deliver(dispatcher)
    expect(calls).toEqual([1, 2])
    expect(reported).toEqual([[failure, event()]])
  })

  it('passes over what ended, or is not live yet, while the route is being walked', () => {
    const dispatcher = new Dispatcher(nothing)
    const calls: string[] = []
    dispatcher.add(
      () => {
        dispatcher.end(ended)
        notLive.isLive = false
      },
      select(),
      false,
    )
    const ended = dispatcher.add(() => calls.push('ended'), select(), false)
    const [notLive] = dispatcher.add(() => calls.push('not live'), select(), false)
    dispatcher.add(() => calls.push('last'), select(), false)
    deliver(dispatcher)
    expect(calls).toEqual(['last'])
  })

  it('gives a handler with a schema its own event, frozen, and the others theirs', () => {
    const dispatcher = new Dispatcher(nothing)
    const seen: WorkerEvent[] = []
    const handler: Handler = (payload, given) => {
      expect(given.payload).toBe(payload)
      seen.push(given)
    }
    const decode = (payload: unknown): unknown => `decoded ${String(payload)}`
    dispatcher.add(handler, select(), false)
    dispatcher.add(handler, { ...select(), decode }, false)
    deliver(dispatcher, 'p')
    expect(seen.map(({ payload }) => payload)).toEqual(['p', 'decoded p'])
    expect(seen.map((each) => Object.isFrozen(each))).toEqual([true, true])
    expect(seen[1]).toEqual({ ...seen[0], payload: 'decoded p' })
  })

  it('does not call a handler whose payload cannot be decoded, and reports why', () => {
    const reported: unknown[] = []
    const dispatcher = new Dispatcher((error) => reported.push(error))
    const failure = new Error('no fit')
    let calls = 0
    const decode = (): never => {
      throw failure
    }
    dispatcher.add(() => calls++, { ...select(), decode }, false)
    dispatcher.add(() => calls++, select(), false)
    deliver(dispatcher)
    expect(calls).toBe(1)
    expect(reported).toEqual([failure])
  })
})
