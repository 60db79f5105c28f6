/** The handler apart from any server: what fails inside, and bodies that others have read before. */
import { Readable } from 'node:stream'
import {
  type ApiResponse,
  WorkerEvents,
  WorkerEventsError,
  createWorkerEventsApi,
  createZoneBuffer,
} from '../../src/index.js'
import { failing, get, post } from './requests.js'

const channel = 'cache.invalidate'

describe('the handler', () => {
  const reported: unknown[] = []
  let bus: WorkerEvents
  beforeEach(() => {
    reported.length = 0
    const onError = (error: unknown): void => void reported.push(error)
    bus = WorkerEvents.open({ zone: createZoneBuffer({ zone: 'bus' }), lifecycle: false, onError })
  })
  afterEach(() => bus.close())

  it.each([
    ['inspecting', 'current', get()],
    ['following', 'current', get('', { accept: 'text/event-stream' })],
    ['publishing', 'publishBody', post('{"type":"purged"}')],
  ])('answers a crash while %s with an internal error, and reports it', async (_, part, request) => {
    const crash = new TypeError('secret at the second shelf')
    const response = await createWorkerEventsApi(failing(bus, part, crash), { channel }).handle(request)
    expect(response).toMatchObject({
      status: 500,
      body: '{"module":"worker_events","status":"error","error":"internal error","code":"ERR_INTERNAL"}',
      error: { code: 'ERR_INTERNAL', cause: crash, expose: false },
    })
    expect(reported).toEqual([crash])
  })

  it('takes what the bus does not foresee for a crash, whatever its code', async () => {
    const crash = new WorkerEventsError('ERR_ZONE_CORRUPT', 'the zone is damaged')
    const response = await createWorkerEventsApi(failing(bus, 'current', crash), { channel }).handle(get())
    expect([response.status, reported]).toEqual([500, [crash]])
  })

  it('asks to come back later where stalled publishers hold the ring', async () => {
    const busy = new WorkerEventsError(
      'ERR_RING_BUSY',
      '1000 attempts in a row met entries that stalled publishers hold',
    )
    const api = createWorkerEventsApi(failing(bus, 'publishBody', busy), { channel })
    expect(await api.handle(post('{"type":"purged"}'))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: '{"module":"worker_events","status":"error","error":"the ring is busy","code":"ERR_RING_BUSY"}',
    })
    expect(reported).toEqual([])
  })

  it('ends the connection with a live tail, but only in the versions of HTTP where it is one', async () => {
    const api = createWorkerEventsApi(bus, { channel })
    const ask = (headers: object): Promise<ApiResponse> => {
      return api.handle(get('', { accept: 'text/event-stream', ...headers }))
    }
    const [first, second] = [await ask({}), await ask({ ':method': 'GET' })]
    expect([first, second].map(({ headers }) => headers['connection'])).toEqual(['close', undefined])
  })

  it('gives no error beside an answer that is none', async () => {
    const { error } = await createWorkerEventsApi(bus, { channel }).handle(get())
    expect(error).toBeUndefined()
  })
})

describe('a body that somebody else has read', () => {
  let bus: WorkerEvents
  beforeEach(() => {
    bus = WorkerEvents.open({ zone: createZoneBuffer(), lifecycle: false })
  })
  afterEach(() => bus.close())

  const handle = (read: object, headers: object = {}): Promise<ApiResponse> => {
    const { stream, ...request } = post('ignored')
    const consumed = stream.destroy()
    const api = createWorkerEventsApi(bus, { channel, bodyLimit: 40 })
    return api.handle({ ...request, headers: { ...request.headers, ...headers }, stream: consumed, ...read })
  }
  const payload = (): unknown => bus.inspect().events[0]?.payload

  it.each([
    ['its value', { body: { type: 'purged', payload: { a: [1] } } }, { a: [1] }],
    ['its text', { rawBody: '{"type":"purged","payload":"é"}' }, 'é'],
    ['its bytes', { rawBody: Buffer.from('{"type":"purged","payload":"é"}') }, 'é'],
    ['its text rather than its value', { body: { type: 'other' }, rawBody: '{"type":"purged","payload":1}' }, 1],
    ['text that a parser left as such', { body: '{"type":"purged","payload":2}' }, 2],
  ])('is taken by %s', async (_, read, published) => {
    expect(await handle(read)).toMatchObject({ status: 200 })
    expect(payload()).toEqual(published)
  })

  it.each([
    ['was empty', { body: {} }, { 'content-length': '0' }, 'ERR_MISSING_BODY'],
    ['was not there', { body: {} }, { 'content-length': undefined }, 'ERR_MISSING_BODY'],
    ['was an empty object', { body: {} }, { 'content-length': '2' }, 'ERR_INVALID_TYPE'],
    [
      'was an empty object in chunks',
      { body: {} },
      { 'content-length': undefined, 'transfer-encoding': 'chunked' },
      'ERR_INVALID_TYPE',
    ],
    ['was empty text', { rawBody: '' }, {}, 'ERR_MISSING_BODY'],
    ['was a number', { body: 7 }, {}, 'ERR_INVALID_TYPE'],
    ['was nothing that could be kept', {}, {}, 'ERR_INVALID_JSON'],
    ['was too large', { rawBody: `{"type":"purged","payload":"${'x'.repeat(40)}"}` }, {}, 'ERR_BODY_TOO_LARGE'],
    ['said that it would be too large', { body: { type: 'purged' } }, { 'content-length': '41' }, 'ERR_BODY_TOO_LARGE'],
  ])('is refused if it %s', async (_, read, headers, code) => {
    expect(JSON.parse((await handle(read, headers)).body as string)).toMatchObject({ code })
    expect(payload()).toBeUndefined()
  })

  it('is refused if its value is nested too deep to be written', async () => {
    let deep: unknown = 1
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    expect(await handle({ body: { type: 'purged', payload: deep } })).toMatchObject({ status: 413 })
  })

  it('is missing if its stream has been read to the end', async () => {
    const request = post('{"type":"purged"}')
    await request.stream.toArray()
    const api = createWorkerEventsApi(bus, { channel })
    expect(await api.handle(request)).toMatchObject({ error: { code: 'ERR_MISSING_BODY' } })
  })

  it('is no JSON if its stream breaks off', async () => {
    const broken = new Readable({ read: () => broken.destroy(new Error('ECONNRESET')) })
    const api = createWorkerEventsApi(bus, { channel })
    expect(await api.handle({ ...post(''), stream: broken })).toMatchObject({ error: { code: 'ERR_INVALID_JSON' } })
  })
})
