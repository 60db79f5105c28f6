import { createZoneBuffer, WorkerEvents } from '@worker-events/core'
import fastify from 'fastify'
import workerEventsDefault, { workerEvents } from '../src/index.js'

describe('the plugin', () => {
  it('is the default export, too', () => {
    expect(workerEventsDefault).toBe(workerEvents)
  })

  it('opens a bus, decorates the app with it and closes it with the app', async () => {
    const app = fastify()
    await app.register(workerEvents, { zone: createZoneBuffer() })

    const bus = app.workerEvents
    expect(bus).toBeInstanceOf(WorkerEvents)
    expect(bus.closed).toBe(false)

    await app.close()
    expect(bus.closed).toBe(true)
  })

  it('leaves a bus open that it was given', async () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    const app = fastify()
    await app.register(workerEvents, { bus })
    expect(app.workerEvents).toBe(bus)

    await app.close()
    expect(bus.closed).toBe(false)
    bus.close()
  })

  it('refuses to start the app when the bus cannot be opened', async () => {
    await expect(fastify().register(workerEvents, { zone: '' })).rejects.toThrow('zone')
  })
})
