/** The listener: for a server of Node alone, and as middleware. */
import { type Server, createServer } from 'node:http'
import request from 'supertest'
import { WorkerEvents, createWorkerEventsApi, createZoneBuffer } from '../../src/index.js'

describe('the listener', () => {
  let bus: WorkerEvents
  beforeEach(() => {
    bus = WorkerEvents.open({ zone: createZoneBuffer(), lifecycle: false })
  })
  afterEach(() => bus.close())

  it('has nothing to show at other paths', async () => {
    const { listener } = createWorkerEventsApi(bus, { channel: 'a' })
    const body = { module: 'worker_events', status: 'error', error: 'not found', code: 'ERR_NOT_FOUND' }
    await request(createServer(listener)).get('/').expect(404, body)
  })

  it('leaves other paths to what is mounted behind it', async () => {
    const { listener } = createWorkerEventsApi(bus, { channel: 'a', path: '/bus' })
    const server: Server = createServer((req, res) => {
      listener(req, res, () => res.end('behind'))
    })
    await request(server).get('/other').expect(200, 'behind')
    await request(server)
      .get('/bus')
      .expect(200, /"module":"worker_events"/)
  })

  it('takes a body that a parser has read before it', async () => {
    const { listener } = createWorkerEventsApi(bus, { channel: 'a' })
    const server = createServer((req, res) => {
      void req.toArray().then((pieces: Buffer[]) => {
        listener(Object.assign(req, { body: JSON.parse(Buffer.concat(pieces).toString()) as unknown }), res)
      })
    })
    const body = { type: 'purged', payload: [1] }
    await request(server).post('/internal/worker-events').send(body).expect(200)
    expect(bus.inspect().events[0].payload).toEqual([1])
  })
})
