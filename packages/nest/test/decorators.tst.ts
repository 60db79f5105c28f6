import { defineEvents, event } from '@worker-events/core'
import { applyDecorators } from '@nestjs/common'
import { EventPayload, OnWorkerEvent, WorkerEventsModule, type WorkerEventsService } from '@worker-events/nest'
import type { WorkerEventsModuleOptions } from '@worker-events/nest'
import { map } from 'rxjs'
import { expect, test } from 'tstyche'
import { z } from 'zod'

const events = defineEvents('cache', { purged: event<{ tag: string }>(), counted: z.string().transform(Number) })

type Method<Args extends unknown[]> = TypedPropertyDescriptor<(...args: Args) => unknown>
declare const takesNothing: Method<[]>
declare const takesTag: Method<[{ tag: string }]>
declare const takesText: Method<[string]>
declare const takesNumber: Method<[number]>
declare const takesTagAndText: Method<[{ tag: string }, string]>
declare const takesParts: Method<[string, number]>
declare const service: WorkerEventsService

test('a typed event asks for a method that takes its payload', () => {
  expect(OnWorkerEvent(events.purged)).type.toBeCallableWith({}, 'method', takesTag)
  expect(OnWorkerEvent(events.purged)).type.toBeCallableWith({}, 'method', takesNothing)
  expect(OnWorkerEvent(events.purged)).type.not.toBeCallableWith({}, 'method', takesNumber)
  expect(OnWorkerEvent(events.purged)).type.not.toBeCallableWith({}, 'method', takesTagAndText)
})

test('a method may take a property of the payload instead, for which it needs a decorated parameter', () => {
  expect(OnWorkerEvent(events.purged)).type.toBeCallableWith({}, 'method', takesText)
  expect(OnWorkerEvent(events.purged)).type.toBeCallableWith({}, 'method', takesParts)
  class Cache {
    @OnWorkerEvent(events.purged)
    drop(@EventPayload('tag') tag: string) {
      return tag
    }
  }
  expect<Cache['drop']>().type.toBe<(tag: string) => string>()
})

test('a typed decorator is applied among others', () => {
  expect(applyDecorators).type.toBeCallableWith(OnWorkerEvent(events.purged), OnWorkerEvent('cache'))
})

test('what a schema makes of a payload is what the method takes', () => {
  expect(OnWorkerEvent(events.counted)).type.toBeCallableWith({}, 'method', takesNumber)
  expect(OnWorkerEvent(events.counted)).type.not.toBeCallableWith({}, 'method', takesText)
})

test('observables are typed by their event', () => {
  service.observe(events.purged).pipe(map(({ payload }) => expect(payload).type.toBe<{ tag: string }>()))
  service.observe('cache').pipe(map(({ payload }) => expect(payload).type.toBe<unknown>()))
})

test('the module opens a zone, or takes a bus', () => {
  expect(WorkerEventsModule.forRoot).type.toBeCallableWith({ zone: 'bus', api: { channel: 'cache', path: '/events' } })
  expect(WorkerEventsModule.forRoot).type.not.toBeCallableWith({})
})

test('a factory gives nothing that the endpoint is mounted by', () => {
  expect<NonNullable<WorkerEventsModuleOptions['api']>>().type.toHaveProperty('channel')
  expect<NonNullable<WorkerEventsModuleOptions['api']>>().type.not.toHaveProperty('path')
  expect<NonNullable<WorkerEventsModuleOptions['api']>>().type.not.toHaveProperty('guards')
})
