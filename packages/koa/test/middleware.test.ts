import { createZoneBuffer, WorkerEvents } from '@worker-events/core'
import Koa from 'koa'
import request from 'supertest'
import workerEventsDefault, { workerEvents } from '../src/index.js'

describe('the middleware', () => {
  it('is the default export, too', () => {
    expect(workerEventsDefault).toBe(workerEvents)
  })

  it('opens a bus, puts it on each context and goes on with the next middleware', async () => {
    const events = workerEvents({ zone: createZoneBuffer() })
    const app = new Koa().use(events).use((ctx) => {
      ctx.body = { same: ctx.workerEvents === events.bus }
    })

    await request(app.callback()).get('/').expect(200, { same: true })

    events.close()
    expect(events.bus.closed).toBe(true)
  })

  it('leaves a bus open that it was given', () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    const events = workerEvents({ bus })
    expect(events.bus).toBe(bus)

    events.close()
    expect(bus.closed).toBe(false)
    bus.close()
  })

  it('throws at once when the bus cannot be opened', () => {
    expect(() => workerEvents({ zone: '' })).toThrow('zone')
  })
})
