// One process of a proxy on Fastify.
import { workerEvents } from '@worker-events/fastify'
import fastify from 'fastify'
import { Refresher } from './refresher.js'
import { Upstreams } from './upstreams.js'

const app = fastify()
await app.register(workerEvents, {
  zone: 'dynamic-upstreams',
  channel: 'upstreams',
  onMissed: () => void refresher.resync(),
})

const upstreams = new Upstreams()
const refresher = new Refresher(process.env.SOURCE, app.workerEvents, upstreams)

app.addHook('onClose', async () => {
  refresher.close()
  await upstreams.close()
})

app.get('/status', () => ({ pid: process.pid, version: upstreams.version }))

app.get('/*', async (request, reply) => {
  const pool = upstreams.next()
  if (pool === undefined) return reply.code(503).send({ error: 'no upstream' })
  const { statusCode, headers, body } = await pool.request({ path: request.url, method: 'GET' })
  return reply.code(statusCode).header('content-type', headers['content-type']).send(body)
})

await refresher.start()
await app.listen({ port: 0, host: '127.0.0.1' })

process.once('disconnect', () => app.close())
