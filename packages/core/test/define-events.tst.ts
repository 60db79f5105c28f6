import { type WorkerEvents, defineEvents, event } from '@worker-events/core'
import { describe, expect, it } from 'tstyche'
import { z } from 'zod'

const list = defineEvents('orders', {
  placed: z.object({ id: z.string(), due: z.iso.date().transform((day) => new Date(day)) }),
  cancelled: event<{ id: string }>(),
  closed: event(),
  reopened: event<string | undefined>(),
})

declare const bus: WorkerEvents
declare const publish: WorkerEvents['publish']

describe('a declared event', () => {
  it('gives handlers what its schema makes of the payload', () => {
    bus.subscribe(list.placed, (payload) => {
      expect(payload).type.toBe<{ id: string; due: Date }>()
    })
    bus.subscribe(list.cancelled, (payload, { payload: same }) => {
      expect(payload).type.toBe<{ id: string }>()
      expect(same).type.toBe<{ id: string }>()
    })
  })

  it('gives loops over events the same', async () => {
    for await (const { payload } of bus.events(list.placed)) expect(payload).type.toBe<{ id: string; due: Date }>()
  })

  it('is published with what its schema takes, and with nothing else', () => {
    expect(publish).type.toBeCallableWith(list.placed, { id: 'a', due: '2027-01-15' })
    expect(publish).type.not.toBeCallableWith(list.placed, { id: 'a', due: new Date() })
    expect(publish).type.not.toBeCallableWith(list.placed, { id: 'a' })
    expect(publish).type.not.toBeCallableWith(list.placed)
    expect(publish).type.toBeCallableWith(list.cancelled, { id: 'a' })
    expect(publish).type.not.toBeCallableWith(list.cancelled, {})
  })

  it('needs no payload if it has none', () => {
    expect(publish).type.toBeCallableWith(list.closed)
    expect(publish).type.not.toBeCallableWith(list.closed, { id: 'a' })
    bus.subscribe(list.closed, (payload) => {
      expect(payload).type.toBe<undefined>()
    })
  })

  it('may leave its payload open', () => {
    expect(publish).type.toBeCallableWith(list.reopened)
    expect(publish).type.toBeCallableWith(list.reopened, 'by mistake')
  })

  it('must be in the list', () => {
    expect(list).type.not.toHaveProperty('plaecd')
  })
})
