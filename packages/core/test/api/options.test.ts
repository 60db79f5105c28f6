/** Options of the endpoint: what is missing or wrong is said before anything is opened, and no key is shown. */
import { WorkerEvents, createWorkerEventsApi, createZoneBuffer, openWorkerEventsApi } from '../../src/index.js'
import { coded, thrownBy } from '../expectations.js'

const channel = 'cache.invalidate'

describe('an endpoint', () => {
  let bus: WorkerEvents
  beforeEach(() => {
    bus = WorkerEvents.open({ zone: createZoneBuffer() })
  })
  afterEach(() => bus.close())

  it('is not made without a zone', () => {
    expect(() => createWorkerEventsApi(undefined as never, { channel })).toThrow(
      coded('ERR_INVALID_OPTION', 'worker_events_api requires a zone'),
    )
  })

  it.each([{}, { channel: undefined }])('is not made without a channel: %j', (options) => {
    const { message } = thrownBy(() => createWorkerEventsApi(bus, options as never))
    expect(message).toBe('worker_events_api requires a channel')
  })

  it.each([
    ['channel', ''],
    ['channel', 'x'.repeat(65)],
    ['channel', 'cache.*'],
    ['channel', 7],
    ['path', 'internal'],
    ['path', '/a?b'],
    ['path', ''],
    ['inspector', 'yes'],
    ['bodyLimit', 0],
    ['bodyLimit', 1.5],
    ['bodyLimit', '1mb'],
    ['publicKey', 'a'],
  ])('is not made with %s %j', (name, value) => {
    expect(() => createWorkerEventsApi(bus, { channel, [name]: value })).toThrow(coded('ERR_INVALID_OPTION', name))
  })

  it.each(['publishKey', 'readKey'])('is not made with a %s that locks nothing, which is not shown', (name) => {
    expect(() => createWorkerEventsApi(bus, { channel, [name]: '' })).toThrow(coded('ERR_INVALID_OPTION', name))
    const { message } = thrownBy(() => createWorkerEventsApi(bus, { channel, [name]: 271828 as never }))
    expect(message).not.toContain('271828')
  })

  it.each([
    [undefined, '/internal/worker-events'],
    ['/ops/bus', '/ops/bus'],
    ['/ops/bus/', '/ops/bus'],
    ['/', ''],
  ])('with path %j is at %j', (path, mounted) => {
    const api = createWorkerEventsApi(bus, { channel, ...(path === undefined ? {} : { path }) })
    expect(api.path).toBe(mounted)
    const targets = ['', '/', '?a=/x', '/?', '//', '/x', 'x'].map((rest) => api.serves(`${mounted}${rest}`))
    expect(targets).toEqual([true, true, true, true, false, false, false])
    expect(api.serves(`http://example.com:80${mounted}/?a`)).toBe(true)
  })

  it.each([
    ['/e', '/e'],
    ['/e?limit=1', '/e?limit=1'],
    ['/e?key=secret', '/e'],
    ['/e?a=%2F&key=secret&%6bey=secret&b', '/e?a=%2F&b='],
  ])('shows the target %s in a log as %s', (target, shown) => {
    expect(createWorkerEventsApi(bus, { channel }).loggable(target)).toBe(shown)
  })
})

describe('an endpoint with a bus of its own', () => {
  const zone = (): SharedArrayBuffer => createZoneBuffer({ zone: 'own' })
  let ready: WorkerEvents
  beforeEach(() => void (ready = WorkerEvents.open({ zone: zone() })))
  afterEach(() => ready.close())

  it('opens it with what is not for the endpoint, and closes it', () => {
    const { bus, api, close } = openWorkerEventsApi({ zone: zone(), channel, lifecycle: false, path: '/bus' })
    expect([bus.zone, bus.inspect().newestGeneration, api.path]).toEqual(['own', 0, '/bus'])
    close()
    close()
    expect(bus.closed).toBe(true)
  })

  it('takes a ready one, and leaves it open', () => {
    const { bus, close } = openWorkerEventsApi({ bus: ready, channel })
    close()
    expect([bus === ready, ready.closed]).toEqual([true, false])
  })

  it.each([
    ['a zone', { channel }, 'worker_events_api requires a zone'],
    ['a zone first, if the channel is missing too', {}, 'worker_events_api requires a zone'],
    ['a channel', { zone: zone() }, 'worker_events_api requires a channel'],
  ])('is not made without %s', (_, options, message) => {
    expect(thrownBy(() => openWorkerEventsApi(options as never))).toMatchObject({ message, code: 'ERR_INVALID_OPTION' })
  })

  it('opens nothing if the endpoint cannot be made', () => {
    const memory = zone()
    expect(() => openWorkerEventsApi({ zone: memory, channel, bodyLimit: 0 })).toThrow(coded('ERR_INVALID_OPTION'))
    using probe = WorkerEvents.open({ zone: memory, lifecycle: false })
    expect(probe.inspect()).toMatchObject({ newestGeneration: 0, workers: [{ id: 0 }] })
  })

  it.each([
    ['a bus to open', () => ({ zone: zone(), channel })],
    ['a ready bus', () => ({ bus: ready, channel })],
    ['no bus at all', () => ({ channel })],
  ])('is not made with an option that there is none of, beside %s', (_, options) => {
    const make = (): unknown => openWorkerEventsApi({ ...options(), publishKy: 'secret' } as never)
    const { message } = thrownBy(make)
    expect(make).toThrow(coded('ERR_INVALID_OPTION', 'there is no option "publishKy"', 'publishKey', 'ringSize', 'bus'))
    expect(message).not.toContain('secret')
  })

  it('is told from a ready one: both at once are refused', () => {
    expect(() => openWorkerEventsApi({ bus: ready, channel, ringSize: 8 })).toThrow(
      coded('ERR_INVALID_OPTION', 'ringSize'),
    )
  })
})
