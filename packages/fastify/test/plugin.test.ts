import type { AddressInfo } from 'node:net'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import fastify, { type FastifyInstance } from 'fastify'
import workerEventsDefault, { workerEvents } from '../src/index.js'

const channel = 'cache.invalidate'
const path = '/internal/worker-events'
const memory = (): { zone: SharedArrayBuffer; channel: string; lifecycle: false } => {
  return { zone: createZoneBuffer({ zone: 'bus' }), channel, lifecycle: false }
}

/** Asks an app over a real socket. */
async function ask(
  app: FastifyInstance,
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; json: unknown }> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}${url}`, init)
  return { status: response.status, json: await response.json() }
}

function post(payload: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload) }
}

describe('the plugin', () => {
  let app: FastifyInstance
  beforeEach(() => {
    app = fastify()
  })
  afterEach(() => app.close())

  it('is the default export, too', () => {
    expect(workerEventsDefault).toBe(workerEvents)
  })

  it('opens a bus, decorates the app with it and closes it with the app', async () => {
    await app.register(workerEvents, memory())
    const bus = app.workerEvents
    expect(bus).toBeInstanceOf(WorkerEvents)
    expect(bus.closed).toBe(false)

    await app.close()
    expect(bus.closed).toBe(true)
  })

  it('leaves a bus open that it was given', async () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    await app.register(workerEvents, { bus, channel })
    expect(app.workerEvents).toBe(bus)

    await app.close()
    expect(bus.closed).toBe(false)
    bus.close()
  })

  it('serves its path, below a prefix of its own and that of its scope', async () => {
    await app.register(async (scope) => scope.register(workerEvents, { ...memory(), prefix: '/ops/', path: '/bus/' }), {
      prefix: '/v1',
    })
    expect((await ask(app, '/v1/ops/bus/')).json).toMatchObject({ module: 'worker_events', channel })
    expect((await ask(app, '/v1/ops/bus', { method: 'PROPFIND' })).status).toBe(405)
    expect((await ask(app, '/bus')).status).toBe(404)
  })

  it.each([
    ['a zone', { channel }, 'worker_events_api requires a zone'],
    ['a channel', { zone: createZoneBuffer() }, 'worker_events_api requires a channel'],
  ])('does not start without %s', async (_, options, message) => {
    const registering = app.register(workerEvents, options as { zone: SharedArrayBuffer; channel: string })
    await expect(Promise.resolve(registering)).rejects.toMatchObject({ message, code: 'ERR_INVALID_OPTION' })
  })

  it('does not start with an option that nobody knows', async () => {
    await expect(Promise.resolve(app.register(workerEvents, { ...memory(), chanel: '' } as never))).rejects.toThrow(
      'chanel',
    )
  })

  it('polls upon each request of the app if asked to', async () => {
    const other = WorkerEvents.open({ zone: createZoneBuffer(), pollInterval: 0, lifecycle: false })
    await app.register(workerEvents, { bus: other, channel, pollOnRequest: true })
    const seen: unknown[] = []
    other.subscribe(channel, (payload) => seen.push(payload))
    app.get('/', () => seen)
    other.publish(channel, 'purged', 1)
    expect((await ask(app, '/')).json).toEqual([1])

    other.close()
    expect((await ask(app, '/')).json).toEqual([1])
  })
})

describe('a namespace', () => {
  it('gives an app several buses', async () => {
    const app = fastify()
    await app.register(workerEvents, { ...memory(), namespace: 'cache' })
    await app.register(workerEvents, { ...memory(), namespace: 'orders', path: '/orders', channel: 'orders' })
    const { cache, orders } = app.workerEvents as unknown as Record<string, WorkerEvents>
    expect([cache, orders]).toEqual([expect.any(WorkerEvents), expect.any(WorkerEvents)])
    expect((await ask(app, '/orders')).json).toMatchObject({ channel: 'orders' })

    await app.close()
    expect([cache.closed, orders.closed]).toEqual([true, true])
  })

  it.each([
    ['none twice', undefined, undefined],
    ['the same twice', 'cache', 'cache'],
    ['one behind none', undefined, 'cache'],
    ['none behind one', 'cache', undefined],
  ])('is refused: %s', async (_, first, second) => {
    const app = fastify()
    const named = (namespace: string | undefined): object => (namespace === undefined ? {} : { namespace })
    await app.register(workerEvents, { ...memory(), ...named(first) })
    const { zone } = memory()
    const again = app.register(workerEvents, { zone, channel, path: '/again', ...named(second) })
    await expect(Promise.resolve(again)).rejects.toThrow('a namespace of its own')
    // Nothing was opened for it.
    const probe = WorkerEvents.open({ zone, lifecycle: false })
    expect(probe.inspect().workers).toHaveLength(1)
    probe.close()
    await app.close()
  })
})

describe('an app with the plugin', () => {
  const lines: string[] = []
  let app: FastifyInstance
  beforeEach(() => {
    lines.length = 0
    app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  })
  afterEach(() => app.close())

  it('lets its own authentication answer first', async () => {
    const hooks = {
      onRequest: async () => {
        throw Object.assign(new Error('who are you?'), { statusCode: 403 })
      },
    }
    app.setErrorHandler(async (error: Error, _, reply) => reply.code(403).send({ problem: error.message }))
    await app.register(workerEvents, { ...memory(), hooks })
    expect(await ask(app, path, { method: 'POST' })).toEqual({ status: 403, json: { problem: 'who are you?' } })
  })

  it('lets its hooks add headers, to a live tail too', async () => {
    app.addHook('onRequest', async (_, reply) => void reply.header('access-control-allow-origin', '*'))
    await app.register(workerEvents, memory())
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    for (const accept of ['*/*', 'text/event-stream']) {
      const { headers, body } = await fetch(origin + path, { headers: { accept } })
      expect(headers.get('access-control-allow-origin')).toBe('*')
      await body?.cancel()
    }
  })

  it('keeps its own parsers and answers', async () => {
    await app.register(workerEvents, memory())
    app.post('/echo', async ({ body }) => body)
    expect((await ask(app, '/echo', post({ a: 1 }))).json).toEqual({ a: 1 })
    expect((await ask(app, `${path}/below`)).json).toMatchObject({ error: 'Not Found' })
    expect((await ask(app, '/echo', { method: 'PROPFIND' })).status).toBe(404)
  })

  it('logs no key', async () => {
    await app.register(workerEvents, { ...memory(), publishKey: 'hunter2' })
    const url = `${path}?%6Bey=hunter2&limit=1&key=hunter2`
    expect((await ask(app, url, post({ type: 'purged' }))).status).toBe(200)
    expect((await ask(app, `${path}?key=hunter3`, post({ type: 'purged' }))).status).toBe(401)
    expect(lines.join('')).toContain(`"url":"${path}?limit=1"`)
    expect(lines.join('')).not.toContain('hunter')
  })

  it('logs what the endpoint failed at, and what it is not available for', async () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer(), lifecycle: false })
    await app.register(workerEvents, { bus, channel })
    bus.close()
    expect((await ask(app, path)).status).toBe(503)
    const logged = lines.map((line) => JSON.parse(line) as { level: number; err?: { code: string } })
    expect(logged.filter(({ level }) => level >= 50).map(({ err }) => err?.code)).toEqual(['ERR_CLOSED'])
  })

  it('tells tools what its routes take', async () => {
    const routes: [unknown, unknown][] = []
    app.addHook('onRoute', ({ method, schema }) => void routes.push([method, Object.keys(schema ?? {})]))
    await app.register(workerEvents, memory())
    expect(routes.slice(0, 2)).toEqual([
      [['GET', 'HEAD'], ['querystring']],
      ['POST', ['querystring', 'body']],
    ])
    expect(routes[2]).toEqual([expect.arrayContaining(['DELETE', 'PROPFIND']), ['hide']])
  })
})
