import {
  type WorkerEvent,
  type WorkerEvents,
  type ZoneReader,
  createZoneBuffer,
  defineEvents,
  event,
} from '@worker-events/core'
import { describe, expect, it } from 'tstyche'
import * as v from 'valibot'

const list = defineEvents('orders', {
  placed: v.object({
    id: v.string(),
    due: v.pipe(
      v.string(),
      v.transform((day) => new Date(day)),
    ),
  }),
  cancelled: event<{ id: string }>(),
  closed: event(),
})

declare const bus: WorkerEvents
declare const publish: WorkerEvents['publish']
declare const publishLocal: WorkerEvents['publishLocal']
declare const subscribe: WorkerEvents['subscribe']
declare const configure: WorkerEvents['configure']
declare const open: (typeof WorkerEvents)['open']
declare const openReader: (typeof ZoneReader)['open']

describe('an event declared with valibot', () => {
  it('has the input of its schema at publish and the output in handlers and loops', async () => {
    expect(publish).type.toBeCallableWith(list.placed, { id: 'a', due: '2027-01-15' })
    expect(publish).type.not.toBeCallableWith(list.placed, { id: 'a', due: new Date() })
    bus.subscribe(list.placed, (payload, given) => {
      expect(payload).type.toBe<{ id: string; due: Date }>()
      expect(given).type.toBe<WorkerEvent<{ id: string; due: Date }>>()
    })
    for await (const given of bus.events(list.placed, { replay: 'all' })) {
      expect(given).type.toBe<WorkerEvent<{ id: string; due: Date }>>()
    }
  })
})

describe('the options of publish', () => {
  it('follow the payload, which an event without one needs as undefined', () => {
    expect(publish).type.toBeCallableWith(list.cancelled, { id: 'a' }, { unique: 'k' })
    expect(publish).type.toBeCallableWith(list.closed, undefined, { unique: 'k' })
    expect(publish).type.toBeCallableWith('orders', 'closed', undefined, { unique: 'k' })
    expect(publish).type.not.toBeCallableWith(list.closed, { unique: 'k' })
    expect(publish).type.not.toBeCallableWith(list.cancelled, { id: 'a' }, { uniqe: 'k' })
    expect(publish).type.not.toBeCallableWith('orders')
  })

  it('are none for local events', () => {
    expect(publishLocal).type.toBeCallableWith(list.cancelled, { id: 'a' })
    expect(publishLocal).type.toBeCallableWith(list.closed)
    expect(publishLocal).type.not.toBeCallableWith(list.cancelled, { id: 'a' }, { unique: 'k' })
    expect(publishLocal).type.not.toBeCallableWith(list.cancelled, {})
  })
})

describe('a subscription by names', () => {
  it('has a payload of the type that its handler names, else unknown', () => {
    bus.subscribe('c', 't', (payload, given) => {
      expect(payload).type.toBe<unknown>()
      expect(given.pid).type.toBe<number | undefined>()
      expect(given.unique).type.toBe<string | undefined>()
    })
    bus.subscribe<{ tag: string }>('c', (payload) => {
      expect(payload).type.toBe<{ tag: string }>()
    })
    bus.subscribe((payload) => {
      expect(payload).type.toBe<unknown>()
    })
  })

  it('takes its forms and no others', () => {
    const handler = (): void => undefined
    expect(subscribe).type.toBeCallableWith(handler, { weak: true })
    expect(subscribe).type.toBeCallableWith('c', ['t', 'u'], handler, { replay: 'all' })
    expect(subscribe).type.toBeCallableWith(list.closed, handler, { replay: 5 })
    expect(subscribe).type.not.toBeCallableWith('c', 't')
    expect(subscribe).type.not.toBeCallableWith('c', handler, { replay: 'some' })
    expect(subscribe).type.not.toBeCallableWith(handler, { week: true })
    expect(subscribe).type.not.toBeCallableWith('c', 't', 'u', handler)
  })
})

describe('options', () => {
  it('of open are checked', () => {
    expect(open).type.toBeCallableWith({ zone: 'bus', overflow: 'reject' as const })
    expect(open).type.toBeCallableWith({ zone: createZoneBuffer({ ringSize: 8 }) })
    expect(open).type.not.toBeCallableWith({})
    expect(open).type.not.toBeCallableWith({ zone: 'bus', overflow: 'drop' })
    expect(open).type.not.toBeCallableWith({ zone: 'bus', ringsize: 8 })
    expect(openReader).type.not.toBeCallableWith({ zone: createZoneBuffer() })
  })

  it('that belong to the zone cannot be configured', () => {
    expect(configure).type.toBeCallableWith({ pollInterval: 5, waitMax: 5, uniqueTimeout: 5, publishRetries: 5 })
    expect(configure).type.not.toBeCallableWith({ ringSize: 8 })
    expect(configure).type.not.toBeCallableWith({ zone: 'bus' })
    expect(configure).type.not.toBeCallableWith({ lifecycle: false })
  })
})

describe('a handle', () => {
  it('tells whether poll was recursive, and cannot be written to', () => {
    expect(bus.poll()).type.toBe<'done' | 'recursive'>()
    expect(bus.publish('c', 't')).type.toBe<number>()
    expect<Pick<WorkerEvents, 'zone' | 'epoch' | 'capacity' | 'maxPayload' | 'worker' | 'closed'>>().type.toBe<{
      readonly zone: string
      readonly epoch: string
      readonly capacity: number
      readonly maxPayload: number
      readonly worker: number
      readonly closed: boolean
    }>()
  })
})
