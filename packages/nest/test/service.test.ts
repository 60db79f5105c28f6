import { jest } from '@jest/globals'
import { type INestApplicationContext } from '@nestjs/common'
import { type WorkerEvent, createZoneBuffer, defineEvents, event } from '@worker-events/core'
import {
  EMPTY,
  type Observable,
  Subject,
  bufferTime,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  switchMap,
  take,
  takeUntil,
  toArray,
} from 'rxjs'
import { WorkerEventsService } from '../src/index.js'
import { flush } from '../src/testing.js'
import { publish, start } from './application.js'

const cacheEvents = defineEvents('cache.invalidate', { purged: event<{ tag: string }>(), cleared: event() })

let app: INestApplicationContext
let events: WorkerEventsService
beforeEach(async () => {
  app = await start({}, { lifecycle: false })
  events = app.get(WorkerEventsService)
})
afterEach(() => app.close())

describe('the service', () => {
  it('has the methods of the bus, which need no receiver', async () => {
    const { publish: send, publishLocal, subscribe, unsubscribe, poll, inspect, drained, bus } = events
    const handler = jest.fn()
    subscribe('a', handler)
    expect(send(cacheEvents.purged, { tag: 'assets' })).toBe(1)
    expect(send('a', 'x', 1)).toBe(2)
    publishLocal('a', 'y', 2)
    expect(poll()).toBe('done')
    expect(handler.mock.calls).toMatchObject([
      [2, { local: true }],
      [1, { generation: 2 }],
    ])
    await drained()
    expect(inspect({ type: 'x' }).events).toMatchObject([{ payload: 1 }])
    expect(unsubscribe(handler, 'a')).toBe(true)
    expect(bus.closed).toBe(false)
  })

  it('is ready when handlers are subscribed', async () => {
    await expect(events.readiness).resolves.toBeUndefined()
  })
})

/** What an observable emits until nothing is pending. */
async function emitted<T>(source: Observable<T>, act: () => unknown): Promise<T[]> {
  const values: T[] = []
  const subscription = source.subscribe((value) => values.push(value))
  act()
  await flush(app)
  subscription.unsubscribe()
  return values
}

const names = map(({ channel, type }: WorkerEvent) => `${channel}/${type}`)

describe('an observable of events', () => {
  it.each<[string, () => Observable<WorkerEvent>, string[]]>([
    ['everything', () => events.observe(), ['a/x', 'a/y', 'b/x', 'cache.invalidate/purged']],
    ['a channel', () => events.observe('a'), ['a/x', 'a/y']],
    ['a channel and a type', () => events.observe('a', 'y'), ['a/y']],
    ['a channel and types', () => events.observe('a', ['y', 'x']), ['a/x', 'a/y']],
    ['a type of any channel', () => events.observe(undefined, 'x'), ['a/x', 'b/x']],
    ['a pattern', () => events.observe('cache.*'), ['cache.invalidate/purged']],
    ['a typed event', () => events.observe(cacheEvents.purged), ['cache.invalidate/purged']],
  ])('is of %s', async (_, observe, expected) => {
    const act = () => {
      for (const [channel, type] of [
        ['a', 'x'],
        ['a', 'y'],
        ['b', 'x'],
      ])
        events.publish(channel, type)
      events.publish(cacheEvents.purged, { tag: 'assets' })
    }
    expect(await emitted(observe().pipe(names), act)).toEqual(expected)
  })

  it('starts with the past if asked to, in every form', async () => {
    for (const payload of [1, 2, 3]) events.publish('a', 'x', payload)
    await flush(app)
    const payloads = map(({ payload }: WorkerEvent) => payload)
    const none = () => undefined
    expect(await emitted(events.observe('a', 'x', { replay: 1 }).pipe(payloads), none)).toEqual([2, 3])
    expect(await emitted(events.observe('a', { replay: 2 }).pipe(payloads), none)).toEqual([3])
    expect(await emitted(events.observe({ replay: 'all' }).pipe(payloads), none)).toEqual([1, 2, 3])
    expect(await emitted(events.observe(undefined, undefined, { replay: 'all' }).pipe(payloads), none)).toEqual([
      1, 2, 3,
    ])
    expect(await emitted(events.observe('a', 'x').pipe(payloads), none)).toEqual([])
  })

  it('is cold: it subscribes when it is subscribed to, as often as it is, and lets go', async () => {
    const subscribe = jest.spyOn(events.bus, 'subscribe')
    const source = events.observe('a', 'x')
    await publish(app, 'a', 'x', 'before')
    expect(subscribe).not.toHaveBeenCalled()

    const seen: unknown[] = []
    const subscriptions = [1, 2].map((name) => source.subscribe(({ payload }) => seen.push([name, payload])))
    await publish(app, 'a', 'x', 'both')
    subscriptions[0].unsubscribe()
    await publish(app, 'a', 'x', 'second')
    subscriptions[1].unsubscribe()
    await publish(app, 'a', 'x', 'after')
    expect(seen).toEqual([
      [1, 'both'],
      [2, 'both'],
      [2, 'second'],
    ])
    expect(subscribe).toHaveBeenCalledTimes(2)
  })

  it('gives typed payloads, checked by the compiler', async () => {
    const tag = firstValueFrom(events.observe(cacheEvents.purged).pipe(map(({ payload }) => payload.tag.toUpperCase())))
    events.publish(cacheEvents.purged, { tag: 'assets' })
    expect(await tag).toBe('ASSETS')
  })

  it('executes unique events, as handlers do', async () => {
    const zone = createZoneBuffer()
    const apps = await Promise.all([start({}, { zone }), start({}, { zone })])
    const seen: unknown[] = []
    for (const each of apps)
      each
        .get(WorkerEventsService)
        .observe('jobs')
        .subscribe(() => seen.push('run'))
    apps[0].get(WorkerEventsService).publish('jobs', 'nightly', null, { unique: 'tonight' })
    for (const each of apps) await flush(each)
    expect(seen).toEqual(['run'])
    for (const each of apps) await each.close()
  })

  it('composes with bufferTime, switchMap and takeUntil', async () => {
    const over = new Subject<void>()
    const batches = events.observe<number>('a', 'x').pipe(
      bufferTime(20),
      filter((batch) => batch.length > 0),
      switchMap((batch) => (batch.length === 1 ? EMPTY : [batch.map(({ payload }) => payload)])),
      take(1),
      takeUntil(over),
    )
    const first = lastValueFrom(batches)
    for (const payload of [1, 2, 3]) events.publish('a', 'x', payload)
    expect(await first).toEqual([1, 2, 3])

    const none = lastValueFrom(events.observe('a', 'x').pipe(takeUntil(over), toArray()))
    over.next()
    expect(await none).toEqual([])
  })

  it('errors at once where a name is wrong', async () => {
    await expect(firstValueFrom(events.observe('a*'))).rejects.toMatchObject({ code: 'ERR_INVALID_NAME' })
  })

  it.each<[string, () => unknown]>([
    ['the application closes', () => app.close()],
    ['somebody closes the bus', () => events.bus.close()],
  ])('completes when %s, and if it is subscribed to later', async (_, close) => {
    const all = lastValueFrom(events.observe('a').pipe(names, toArray()))
    events.publish('a', 'x')
    events.poll()
    await close()
    expect(await all).toEqual(['a/x'])
    expect(await lastValueFrom(events.observe('a').pipe(toArray()))).toEqual([])
  })
})
