import type { WorkerEvents } from '@worker-events/core'
import type { FastifyInstance } from 'fastify'
import { describe, expect, test } from 'tstyche'
import { workerEvents } from '@worker-events/fastify'

declare module '@worker-events/fastify' {
  interface WorkerEventsNamespaces {
    orders: WorkerEvents
  }
}

declare const app: FastifyInstance
declare const bus: WorkerEvents

describe('the plugin', () => {
  test('takes the options of a bus, or a bus, and those of the endpoint', () => {
    expect(app.register).type.toBeCallableWith(workerEvents, { zone: 'bus', channel: 'a', publishKey: undefined })
    expect(app.register).type.toBeCallableWith(workerEvents, { bus, channel: 'a', prefix: '/ops', namespace: 'orders' })
    expect(app.register).type.not.toBeCallableWith(workerEvents, { zone: 1, channel: 'a' })
    expect(app.register).type.not.toBeCallableWith(workerEvents, { zone: 'bus' })
    expect(app.register).type.not.toBeCallableWith(workerEvents, { channel: 'a' })
  })

  test('takes hooks of the application', () => {
    const hooks = { onRequest: async () => undefined }
    expect(app.register).type.toBeCallableWith(workerEvents, { bus, channel: 'a', hooks })
    expect(app.register).type.not.toBeCallableWith(workerEvents, { bus, channel: 'a', hooks: { onRequest: 1 } })
  })

  test('adds a bus to the type of the app', () => {
    expect(app.workerEvents.publish('a', 'b')).type.toBe<number>()
    expect(app.workerEvents.closed).type.toBe<boolean>()
  })

  test('adds the buses of the namespaces that an app declares', () => {
    expect(app.workerEvents.orders).type.toBe<WorkerEvents>()
    expect(app.workerEvents).type.not.toHaveProperty('returns')
  })
})
