import { once } from 'node:events'
import { type Server, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyParser } from '@koa/bodyparser'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import Koa from 'koa'
import mount from 'koa-mount'
import request from 'supertest'
import workerEventsDefault, { workerEvents } from '../src/index.js'

const channel = 'cache.invalidate'
const path = '/internal/worker-events'
const memory = (): { zone: SharedArrayBuffer; channel: string; lifecycle: false } => {
  return { zone: createZoneBuffer({ zone: 'bus' }), channel, lifecycle: false }
}

describe('the middleware', () => {
  it('is the default export, too', () => {
    expect(workerEventsDefault).toBe(workerEvents)
  })

  it('has a name that tools can show', () => {
    const events = workerEvents(memory())
    expect(events.name).toBe('workerEvents')
    events.close()
  })

  it('opens a bus, puts it on each context and goes on with the next middleware', async () => {
    const events = workerEvents(memory())
    const app = new Koa().use(events).use((ctx) => {
      ctx.body = { same: ctx.workerEvents === events.bus }
    })
    await request(app.callback()).get('/').expect(200, { same: true })
    await request(app.callback()).get(`${path}/below`).expect(200, { same: true })

    events.close()
    expect(events.bus.closed).toBe(true)
  })

  it('leaves a bus open that it was given', () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    const events = workerEvents({ bus, channel })
    expect(events.bus).toBe(bus)

    events.close()
    expect(bus.closed).toBe(false)
    bus.close()
  })

  it.each([
    ['a zone', { channel }, 'worker_events_api requires a zone'],
    ['a channel', { zone: createZoneBuffer() }, 'worker_events_api requires a channel'],
  ])('cannot be made without %s', (_, options, message) => {
    const expected = expect.objectContaining<object>({ message, code: 'ERR_INVALID_OPTION' }) as Error
    expect(() => workerEvents(options as { zone: SharedArrayBuffer; channel: string })).toThrow(expected)
  })

  it('polls upon each request if asked to', async () => {
    const events = workerEvents({ ...memory(), pollInterval: 0, pollOnRequest: true })
    const seen: unknown[] = []
    events.bus.subscribe(channel, (payload) => seen.push(payload))
    const app = new Koa().use(events).use((ctx) => {
      ctx.body = seen
    })
    events.bus.publish(channel, 'purged', 1)
    await request(app.callback()).get('/').expect(200, [1])

    events.close()
    await request(app.callback()).get('/').expect(200, [1])
  })
})

describe('an app with the middleware', () => {
  let events: ReturnType<typeof workerEvents>
  let app: Koa
  const errors: unknown[] = []
  beforeEach(() => {
    errors.length = 0
    events = workerEvents({ ...memory(), publishKey: 'seven' })
    app = new Koa().on('error', (error: object) => errors.push(error))
  })
  afterEach(() => events.close())

  it('serves the endpoint below a mount, and nothing beside it', async () => {
    app.use(mount('/ops', events))
    await request(app.callback())
      .get(`/ops${path}/`)
      .expect(200)
      .expect(/"module":"worker_events"/)
    await request(app.callback()).get(path).expect(404)
  })

  it('takes a body that a parser has read before', async () => {
    app.use(bodyParser()).use(events)
    const post = (body: string): request.Test =>
      request(app.callback()).post(`${path}?key=seven`).set('content-type', 'application/json').send(body)
    await post('{"type":"purged","payload":12345678901234567890}').expect(200, /"generation":1/)
    await post('{"payload":1}').expect(400, /missing or invalid 'type' field/)
    await post('').expect(400, /missing request body/)
    await request(app.callback())
      .get(path)
      .expect(/"payload":12345678901234567890,/)
  })

  it('takes a body that other middleware has put there', async () => {
    app.use((ctx, next) => {
      Object.assign(ctx.request, { body: { type: 'purged', payload: { from: 'middleware' } } })
      return next()
    })
    app.use(events)
    await request(app.callback()).post(`${path}?key=seven`).send({ type: 'ignored' }).expect(200)
    await request(app.callback())
      .get(path)
      .expect(/"type":"purged","payload":\{"from":"middleware"\}/)
  })

  it('hears of the errors that are answered', async () => {
    app.use(events)
    await request(app.callback()).post(path).send({ type: 'purged' }).expect(401)
    await request(app.callback()).delete(path).expect(405)
    events.bus.close()
    await request(app.callback()).get(path).expect(503)
    expect(errors).toEqual([
      expect.objectContaining({ status: 401, code: 'ERR_UNAUTHORIZED', expose: true }),
      expect.objectContaining({ status: 405, code: 'ERR_METHOD_NOT_ALLOWED', expose: true }),
      expect.objectContaining({ status: 503, code: 'ERR_CLOSED', expose: false }),
    ])
  })

  it('hears nothing of clients that leave a live tail', async () => {
    const server: Server = app.use(events).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const asking = get({ port, host: '127.0.0.1', path, headers: { accept: 'text/event-stream' } })
    const [response] = (await once(asking, 'response')) as [{ destroy(): void }]
    response.destroy()
    await new Promise((resolve) => server.close(resolve))
    expect(errors).toEqual([])
  })

  it('ends live tails when it is closed, so that its server can close', async () => {
    const server: Server = app.use(events).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { body } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/event-stream' } })
    events.close()
    await new Promise((resolve) => server.close(resolve))
    const decoder = new TextDecoder()
    let text = ''
    for await (const piece of body ?? []) text += decoder.decode(piece as Uint8Array)
    expect(text).toBe(':\n\n')
  })
})
