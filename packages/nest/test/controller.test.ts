import { type CanActivate, type ExecutionContext, Injectable, Module, VersioningType } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import request from 'supertest'
import { WorkerEventsModule, type WorkerEventsModuleOptions, WorkerEventsService } from '../src/index.js'
import { application, listen, platforms } from './mount.js'

const PATH = '/internal/worker-events'
const channel = 'cache.invalidate'

@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-user'] === 'admin'
  }
}

@Module({ providers: [{ provide: APP_GUARD, useClass: HeaderGuard }] })
class GuardedApplication {}

const zone = () => createZoneBuffer({ zone: 'bus' })

describe.each(platforms)('the controller on %s', (platform) => {
  it('serves the endpoint of its zone, and publishes what handlers then get', async () => {
    const events = WorkerEventsModule.forRoot({
      zone: zone(),
      lifecycle: false,
      api: { channel, publishKey: 'secret' },
    })
    const app = await application(platform, [events])
    const server = await listen(app)
    const seen: unknown[] = []
    app.get(WorkerEventsService).subscribe(channel, 'purged', (payload) => seen.push(payload))
    await request(server).post(PATH).send({ type: 'purged', payload: 'tag:assets' }).expect(401)
    const posted = await request(server).post(`${PATH}/?key=secret`).send({ type: 'purged', payload: 'tag:assets' })
    expect(posted.body).toMatchObject({ status: 'published', generation: 1 })
    app.get(WorkerEventsService).poll()
    expect(seen).toEqual(['tag:assets'])
    const { body } = (await request(server).get(PATH).expect(200)) as { body: unknown }
    expect(body).toMatchObject({ zone: 'bus', channel, events: [{ generation: 1, payload: 'tag:assets' }] })
    await app.close()
  })

  it('leaves the rest of the application its body parsers and its routes', async () => {
    const app = await application(platform, [
      WorkerEventsModule.forRoot({ zone: zone(), api: { channel, path: '/events' } }),
    ])
    const server = await listen(app)
    await request(server).get(PATH).expect(404)
    await request(server).get('/events/other').expect(404)
    const wrong = await request(server).post('/other/events').set('content-type', 'application/json').send('{')
    expect([wrong.status, wrong.body]).toEqual([400, expect.objectContaining({ statusCode: 400 })])
    await app.close()
  })

  it('lets those pass whom its guards let pass', async () => {
    const api = { channel, guards: [HeaderGuard] }
    const app = await application(platform, [WorkerEventsModule.forRoot({ zone: zone(), api })])
    const server = await listen(app)
    await request(server).get(PATH).expect(403)
    await request(server).post(PATH).send({ type: 'x' }).expect(403)
    await request(server).get(PATH).set('x-user', 'admin').expect(200)
    await app.close()
  })

  it('lets those pass whom the guards of the application let pass', async () => {
    const events = WorkerEventsModule.forRoot({ zone: zone(), api: { channel } })
    const app = await application(platform, [events, GuardedApplication])
    const server = await listen(app)
    await request(server).get(PATH).expect(403)
    await request(server).get(PATH).set('x-user', 'admin').expect(200)
    await app.close()
  })

  it.each([
    ['neither', {}, PATH],
    ['a global prefix', { useGlobalPrefix: true }, `/app${PATH}`],
    ['a version', { version: '2' }, `/v2${PATH}`],
    ['both', { useGlobalPrefix: true, version: '2' }, `/app/v2${PATH}`],
  ])('has %s before its path if so asked', async (_, mount, path) => {
    const app = await application(platform, [WorkerEventsModule.forRoot({ zone: zone(), api: { channel, ...mount } })])
    app.setGlobalPrefix('app', { exclude: ['health'] })
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
    const server = await listen(app)
    const answers = [PATH, `/app${PATH}`, `/v2${PATH}`, `/app/v2${PATH}`].map(async (each) => {
      const { status } = await request(server).post(`${each}?a=1`).send({ type: 'x' })
      return [each, status] as const
    })
    const served = (await Promise.all(answers)).filter(([, status]) => status === 200)
    expect(served).toEqual([[path, 200]])
    await app.close()
  })

  it('sends what CORS adds, and leaves preflights to it', async () => {
    const app = await application(platform, [WorkerEventsModule.forRoot({ zone: zone(), api: { channel } })])
    app.enableCors({ origin: 'http://localhost' })
    const server = await listen(app)
    const shown = await request(server).get(PATH).set('origin', 'http://localhost').expect(200)
    expect(shown.headers['access-control-allow-origin']).toBe('http://localhost')
    const preflight = request(server).options(PATH).set('origin', 'http://localhost')
    await preflight.set('access-control-request-method', 'POST').expect(204)
    await request(server).put(PATH).send({ type: 'x' }).expect(405)
    await app.close()
  })

  it('sends what others have set', async () => {
    @Injectable()
    class Signing implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        const response = context.switchToHttp().getResponse<{ header(name: string, value: string): void }>()
        response.header('x-signed-by', 'the guard')
        return true
      }
    }
    const api = { channel, guards: [Signing] }
    const app = await application(platform, [WorkerEventsModule.forRoot({ zone: zone(), api })])
    const { headers } = await request(await listen(app)).get(PATH)
    expect(headers).toMatchObject({ 'x-signed-by': 'the guard', 'cache-control': 'no-store' })
    await app.close()
  })

  it('takes its channel and keys from a factory, its place from beside it', async () => {
    const useFactory = (): WorkerEventsModuleOptions => ({ zone: zone(), api: { channel, readKey: 'secret' } })
    const app = await application(platform, [WorkerEventsModule.forRootAsync({ useFactory, api: { path: '/events' } })])
    const server = await listen(app)
    await request(server).get('/events').expect(401)
    const { body } = (await request(server).get('/events').set('authorization', 'Bearer secret').expect(200)) as {
      body: unknown
    }
    expect(body).toMatchObject({ channel })
    await app.close()
  })

  it('serves several zones, each at a path of its own', async () => {
    const modules = ['one', 'two'].map((name) =>
      WorkerEventsModule.forRoot({ name, zone: createZoneBuffer({ zone: name }), api: { channel, path: `/${name}` } }),
    )
    const app = await application(platform, modules)
    const server = await listen(app)
    for (const name of ['one', 'two']) {
      const { body } = (await request(server).get(`/${name}`).expect(200)) as { body: unknown }
      expect(body).toMatchObject({ zone: name })
    }
    await app.close()
  })

  it('ends its live tails when the application closes', async () => {
    const app = await application(platform, [WorkerEventsModule.forRoot({ zone: zone(), api: { channel } })])
    const server = await listen(app)
    const { port } = server.address() as { port: number }
    const tail = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers: { accept: 'text/event-stream' } })
    app.get(WorkerEventsService).publish(channel, 'purged', 'tag:assets')
    await app.close()
    expect(await tail.text()).toContain('event: purged')
  })
})

describe('an endpoint', () => {
  const start = (options: WorkerEventsModuleOptions) => application('express', [WorkerEventsModule.forRoot(options)])

  it('keeps the application from starting without a channel', async () => {
    await expect(start({ zone: zone(), api: {} })).rejects.toThrow('worker_events_api requires a channel')
  })

  it('keeps the application from starting if it can be mounted nowhere', async () => {
    const useFactory = (): WorkerEventsModuleOptions => ({ zone: zone(), api: { channel } })
    const starting = application('express', [WorkerEventsModule.forRootAsync({ useFactory })])
    await expect(starting).rejects.toThrow('set api beside useFactory too')
  })

  it.each([
    ['guards', [HeaderGuard]],
    ['useGlobalPrefix', true],
    ['version', '2'],
    ['path', '/events'],
  ])('keeps the application from starting if a factory gives its %s, too late to be heeded', async (name, value) => {
    const api = { channel, [name]: value }
    const useFactory = () => ({ zone: zone(), api })
    const starting = application('express', [WorkerEventsModule.forRootAsync({ useFactory, api: {} })])
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: `option "api.${name}" comes too late from a factory: move it beside useFactory`,
    })
  })

  it('is refused if it is told in a word whether the global prefix stands before it', () => {
    const options = { zone: zone(), api: { channel, ['useGlobalPrefix' as string]: 'no' } }
    expect(() => WorkerEventsModule.forRoot(options)).toThrow('option "useGlobalPrefix" must be a boolean, got string')
  })

  it('may be of a bus that is opened and closed by others', async () => {
    const bus = WorkerEvents.open({ zone: zone() })
    const app = await start({ bus, api: { channel } })
    await request(await listen(app))
      .post(PATH)
      .send({ type: 'purged' })
      .expect(200)
    await app.close()
    expect(bus.inspect({ channel }).events).toHaveLength(1)
    bus.close()
  })
})
