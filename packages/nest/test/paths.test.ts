// The endpoint stands in one place: there no parser touches a body, everywhere else all of them do.
import { createRequire } from 'node:module'
import { createGunzip, gzipSync } from 'node:zlib'
import { Body, Controller, type INestApplication, Module, Post, VersioningType } from '@nestjs/common'
import type { VersioningOptions } from '@nestjs/common'
import { RouterModule } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createZoneBuffer } from '@worker-events/core'
import type { FastifyInstance } from 'fastify'
import request from 'supertest'
import { WorkerEventsModule } from '../src/index.js'
import { application, applicationOn, listen, platforms } from './mount.js'

const express = createRequire(import.meta.url)('express') as {
  (): { enable(name: string): object }
  json(options: object): never
}
const PATH = '/internal/worker-events'
const channel = 'cache.invalidate'
const events = (api: object = {}) =>
  WorkerEventsModule.forRoot({ zone: createZoneBuffer(), lifecycle: false, api: { channel, ...api } })

/** What an application does to its platform before it starts: it has every body of JSON read, and refused. */
const readers = {
  express(app: INestApplication) {
    app.use(express.json({ type: () => true }))
  },
  fastify(app: INestApplication) {
    const fastify = app.getHttpAdapter().getInstance() as FastifyInstance
    fastify.addContentTypeParser(/^application/, { parseAs: 'string' }, (_request, _body, done) =>
      done(new Error('not mine')),
    )
  },
}

const extractor = (req: unknown): string => (req as { headers: Record<string, string> }).headers['x-custom'] ?? 'none'

const published = (generation: number) => ({ status: 'published', channel, generation })

@Controller()
class Others {
  @Post(['/other/worker-events', '/other/internal/worker-events', '/internal/worker-events/other', '/internal'])
  echo(@Body() body: unknown) {
    return { body }
  }
}

@Module({ controllers: [Others] })
class OthersModule {}

describe.each(platforms)('the place of the endpoint on %s', (platform) => {
  it.each([
    ['a global prefix', { useGlobalPrefix: true }, `/app${PATH}`],
    ['a version', { version: '2' }, `/v2${PATH}`],
    ['versions', { version: ['2', '3'] }, `/v3${PATH}`],
    ['both', { useGlobalPrefix: true, version: '2' }, `/app/v2${PATH}`],
  ])('with %s before it is that place alone: other routes have their bodies parsed', async (_, mount, path) => {
    const app = await application(platform, [events(mount), OthersModule])
    app.setGlobalPrefix('app')
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
    const server = await listen(app)
    const others = ['/other/worker-events', `/other${PATH}`, `${PATH}/other`, '/internal'].map(
      (each) => `/app/v1${each}`,
    )
    for (const other of others) {
      const answer = await request(server).post(other).send({ type: 'x' }).expect(201)
      expect([other, answer.body]).toEqual([other, { body: { type: 'x' } }])
    }
    const wrong = await request(server).post(path).set('content-type', 'application/json').send('{').expect(400)
    expect(wrong.body).toMatchObject({ code: 'ERR_INVALID_JSON' })
    expect((await request(server).post(path).send({ type: 'x' }).expect(200)).body).toMatchObject(published(1))
    await app.close()
  })

  it.each<[string, VersioningOptions, header: string, value: string]>([
    ['a header', { type: VersioningType.HEADER, header: 'x-version' }, 'x-version', ''],
    ['a media type', { type: VersioningType.MEDIA_TYPE, key: 'v=' }, 'accept', 'application/json;v='],
    ['what the application finds', { type: VersioningType.CUSTOM, extractor }, 'x-custom', ''],
  ])('is that of a version in %s', async (_, versioning, header, value) => {
    const app = await application(platform, [events({ version: ['2', '3'] })])
    app.enableVersioning(versioning)
    const server = await listen(app)
    await request(server).get(PATH).expect(404)
    await request(server).get(`${PATH}/`).set(header, `${value}1`).expect(404)
    for (const [index, version] of ['2', '3'].entries()) {
      const post = request(server).post(`${PATH}/`).set(header, `${value}${version}`)
      expect((await post.send({ type: 'x' }).expect(200)).body).toMatchObject(published(index + 1))
      await request(server).put(PATH).set(header, `${value}${version}`).expect(405)
    }
    await app.close()
  })

  it('is below the path that the router module gives to the module, without the global prefix', async () => {
    const below = RouterModule.register([{ path: '/admin', module: WorkerEventsModule }])
    const app = await application(platform, [events(), below])
    app.setGlobalPrefix('app')
    const server = await listen(app)
    const post = (body: string) =>
      request(server).post(`/admin${PATH}`).set('content-type', 'application/json').send(body)
    expect((await post('{"type":"x"}').expect(200)).body).toMatchObject(published(1))
    expect((await post('{').expect(400)).body).toMatchObject({ code: 'ERR_INVALID_JSON' })
    await app.close()
  })

  it('may be the root', async () => {
    const app = await application(platform, [events({ path: '/' }), OthersModule])
    const server = await listen(app)
    expect((await request(server).post('/?a=1').send({ type: 'x' }).expect(200)).body).toMatchObject(published(1))
    const other = await request(server).post('/internal').send({ type: 'x' }).expect(201)
    expect(other.body).toEqual({ body: { type: 'x' } })
    await app.close()
  })

  it('is not touched by parsers that the application adds, whatever they take', async () => {
    const app = await application(platform, [events()])
    readers[platform](app)
    const server = await listen(app)
    const post = (body: string) => request(server).post(PATH).set('content-type', 'application/json').send(body)
    expect((await post('{"type":"x"}').expect(200)).body).toMatchObject(published(1))
    expect((await post('{').expect(400)).body).toMatchObject({ code: 'ERR_INVALID_JSON' })
    await app.close()
  })
})

describe('a path on Express', () => {
  it('is served in upper case as in lower case, if the application tells no difference', async () => {
    const app = await application('express', [events()])
    const server = await listen(app)
    const upper = PATH.toUpperCase()
    expect((await request(server).post(upper).send({ type: 'x' }).expect(200)).body).toMatchObject(published(1))
    const [wrong, right] = [upper, PATH].map((path) =>
      request(server).post(path).set('content-type', 'application/json').send('{'),
    )
    expect((await wrong.expect(400)).text).toBe((await right).text)
    await app.close()
  })

  it('is served in lower case alone, if the application tells a difference', async () => {
    const instance = express().enable('case sensitive routing')
    const app = await applicationOn(new ExpressAdapter(instance), [events()])
    const server = await listen(app)
    await request(server).post(PATH.toUpperCase()).send({ type: 'x' }).expect(404)
    await request(server).post(PATH).send({ type: 'x' }).expect(200)
    await app.close()
  })
})

describe('a path on Fastify', () => {
  it('is served in percent-encoding too', async () => {
    const app = await application('fastify', [events()])
    const server = await listen(app)
    const encoded = '/%69nternal/worker%2Devents'
    expect((await request(server).post(encoded).send({ type: 'x' }).expect(200)).body).toMatchObject(published(1))
    const wrong = await request(server).post(encoded).set('content-type', 'application/json').send('{').expect(400)
    expect(wrong.body).toMatchObject({ code: 'ERR_INVALID_JSON' })
    await app.close()
  })

  it.each([
    ['ignoreTrailingSlash', { routerOptions: { ignoreTrailingSlash: true } }, `${PATH}/`],
    ['caseSensitive: false', { routerOptions: { caseSensitive: false } }, `${PATH.toUpperCase()}/`],
    ['ignoreDuplicateSlashes', { routerOptions: { ignoreDuplicateSlashes: true } }, `/${PATH}//`],
  ])('is served as the router has it with %s', async (_, options, path) => {
    const app = await applicationOn(new FastifyAdapter(options), [events()])
    const server = await listen(app)
    for (const [index, each] of [PATH, path].entries()) {
      const answer = await request(server).post(each).send({ type: 'x' }).expect(200)
      expect(answer.body).toMatchObject(published(index + 1))
    }
    await app.close()
  })
})

describe('the hooks of Fastify', () => {
  it('stand around the endpoint as around any route: what they make of bodies is read, what they add is sent', async () => {
    const app = await application('fastify', [events()])
    const fastify = app.getHttpAdapter().getInstance() as FastifyInstance
    fastify.addHook('preParsing', (_request, _reply, body, done) => done(null, body.pipe(createGunzip())))
    fastify.addHook('onSend', (_request, reply, body, done) => {
      reply.header('x-sent-by', 'the hook')
      done(null, body)
    })
    const server = await listen(app)
    const post = request(server).post(PATH).set({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
    post.write(gzipSync('{"type":"x"}'))
    const { body, headers } = (await post.expect(200)) as { body: unknown; headers: object }
    expect([body, headers]).toMatchObject([published(1), { 'x-sent-by': 'the hook', 'cache-control': 'no-store' }])
    await app.close()
  })
})

describe('the log of Fastify', () => {
  it('has no key, and what else it would have', async () => {
    const lines: string[] = []
    const logger = { level: 'info', stream: { write: (line: string) => void lines.push(line) } }
    const app = await applicationOn(new FastifyAdapter({ logger }), [
      events({ publishKey: 'secret', readKey: 'other' }),
    ])
    const server = await listen(app)
    await request(server).post(`${PATH}?key=secret&a=1`).send({ type: 'x' }).expect(200)
    await request(server).post(`${PATH}/?key=wrong`).send({ type: 'x' }).expect(401)
    await request(server).get(`${PATH}?key=other`).expect(200)
    const logged = lines.map((line) => JSON.parse(line) as { req?: { method: string; url: string } })
    const requests = logged.filter(({ req }) => req !== undefined).map(({ req }) => `${req?.method} ${req?.url}`)
    expect(requests).toEqual([`POST ${PATH}?a=1`, `POST ${PATH}/`, `GET ${PATH}`])
    expect(lines.join()).not.toMatch(/secret|wrong|key=/)
    await app.close()
  })
})
