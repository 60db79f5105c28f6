// One web server: the endpoint with 100 events, or the same framework sending a string of that length.
import { once } from 'node:events'
import http from 'node:http'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import { workerEvents as fastifyPlugin } from '@worker-events/fastify'
import { workerEvents as koaMiddleware } from '@worker-events/koa'
import fastify from 'fastify'
import Koa from 'koa'
import { CHANNEL, TYPE, payloadOf } from './payload.js'

const EVENTS = 100
const { framework, sends } = JSON.parse(process.argv[2])
const bus = WorkerEvents.open({ zone: createZoneBuffer({ ringSize: 128 }), lifecycle: false })
for (let seq = 0; seq < EVENTS; seq++) bus.publish(CHANNEL, TYPE, payloadOf(0, seq))
bus.poll()

const type = 'application/json; charset=utf-8'
const path = '/internal/worker-events'

/** A string as long as the answer of the endpoint. */
const prepared = sends.length === undefined ? undefined : 'x'.repeat(sends.length)

const servers = {
  async fastify() {
    const app = fastify()
    if (prepared === undefined) await app.register(fastifyPlugin, { bus, channel: CHANNEL, path })
    else
      app.get(path, async (_, reply) =>
        reply.header('content-type', type).header('cache-control', 'no-store').send(prepared),
      )
    await app.ready()
    return app.server
  },
  async koa() {
    const app = new Koa()
    if (prepared === undefined) app.use(koaMiddleware({ bus, channel: CHANNEL, path }))
    else
      app.use((ctx) => {
        ctx.set('cache-control', 'no-store')
        ctx.type = type
        ctx.body = prepared
      })
    return http.createServer(app.callback())
  },
}

const server = await servers[framework]()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send({ port: server.address().port, path })
process.on('disconnect', () => process.exit(0))
