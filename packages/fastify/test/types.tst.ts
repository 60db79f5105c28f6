import { type WorkerEvents } from '@worker-events/core'
import { type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'tstyche'
import { workerEvents } from '@worker-events/fastify'

declare const app: FastifyInstance
declare const bus: WorkerEvents

describe('the plugin', () => {
  test('takes the options of a bus, or a bus', () => {
    expect(app.register).type.toBeCallableWith(workerEvents, { zone: 'bus' })
    expect(app.register).type.toBeCallableWith(workerEvents, { bus })
    expect(app.register).type.not.toBeCallableWith(workerEvents, { zone: 1 })
    expect(app.register).type.not.toBeCallableWith(workerEvents, {})
  })

  test('adds a bus to the type of the app', () => {
    expect(app.workerEvents).type.toBe<WorkerEvents>()
  })
})
