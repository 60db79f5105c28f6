import { Controller, Injectable, Logger, Module, Scope, SetMetadata, applyDecorators } from '@nestjs/common'
import { type WorkerEvent, createZoneBuffer, defineEvents, event } from '@worker-events/core'
import { jest } from '@jest/globals'
import {
  OnCrossWorkerEvent,
  OnWorkerEvent,
  OnWorkerEventsMissed,
  WorkerEventsModule,
  WorkerEventsService,
  getWorkerEventsToken,
} from '../src/index.js'
import { flush } from '../src/testing.js'
import { publish, start, startWith } from './application.js'

const cacheEvents = defineEvents('cache.invalidate', { purged: event<{ tag: string }>() })

const seen: unknown[] = []
beforeEach(() => {
  seen.length = 0
})

describe('a decorated method', () => {
  it('is called with the payload and the event, on its instance', async () => {
    @Injectable()
    class Cache {
      readonly tags = new Set(['assets', 'fonts'])
      @OnWorkerEvent('cache.invalidate', 'purged')
      drop({ tag }: { tag: string }, event: WorkerEvent) {
        this.tags.delete(tag)
        seen.push(event)
      }
    }
    const app = await start({ providers: [Cache] })
    await publish(app, 'cache.invalidate', 'purged', { tag: 'assets' })
    expect([...app.get(Cache).tags]).toEqual(['fonts'])
    expect(seen).toMatchObject([
      { channel: 'cache.invalidate', type: 'purged', pid: process.pid, payload: { tag: 'assets' } },
    ])
    await app.close()
  })

  it('hears the types that it names, a typed event, a pattern, or a whole channel, and nothing else', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', ['x', 'y'])
      types(_: unknown, { type }: WorkerEvent) {
        seen.push(`types ${type}`)
      }
      @OnWorkerEvent(cacheEvents.purged)
      typed({ tag }: { tag: string }) {
        seen.push(`typed ${tag}`)
      }
      @OnWorkerEvent('a.*', 'x')
      pattern(_: unknown, { channel }: WorkerEvent) {
        seen.push(`pattern ${channel}`)
      }
      @OnWorkerEvent('b')
      channel(_: unknown, { type }: WorkerEvent) {
        seen.push(`channel ${type}`)
      }
    }
    const app = await start({ providers: [Listener] })
    for (const name of ['a/x', 'a/y', 'a/z', 'a.b/x', 'a.b/y', 'b/1', 'b/2']) {
      const [channel, type] = name.split('/')
      await publish(app, channel, type)
    }
    await publish(app, 'cache.invalidate', 'purged', { tag: 'assets' })
    const expected = ['types x', 'types y', 'pattern a.b', 'channel 1', 'channel 2', 'typed assets']
    expect(seen).toEqual(expected)
    await app.close()
  })

  it('is subscribed once for each of its decorators, in their order', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      @OnCrossWorkerEvent('b', 'x')
      @OnWorkerEvent('a', 'x')
      any(_: unknown, { channel }: WorkerEvent) {
        seen.push(channel)
      }
    }
    const app = await start({ providers: [Listener] })
    await publish(app, 'b', 'x')
    await publish(app, 'a', 'x')
    expect(seen).toEqual(['b', 'a', 'a'])
    await app.close()
  })

  it('may stand in a controller', async () => {
    @Controller('cache')
    class CacheController {
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push('controller')
      }
    }
    const app = await start({ controllers: [CacheController] })
    await publish(app, 'a', 'x')
    expect(seen).toEqual(['controller'])
    await app.close()
  })

  it('is inherited once, and is no longer subscribed where a subclass overrides it without the decorator', async () => {
    class Base {
      @OnWorkerEvent('a', 'x')
      inherited() {
        seen.push(this.constructor.name)
      }
      @OnWorkerEvent('a', 'x')
      overridden() {
        seen.push('never')
      }
    }
    @Injectable()
    class Middle extends Base {}
    @Injectable()
    class Derived extends Middle {
      override overridden() {
        seen.push('never')
      }
    }
    const app = await start({ providers: [Derived] })
    await publish(app, 'a', 'x')
    expect(seen).toEqual(['Derived'])
    await app.close()
  })

  it('is called once although its provider has aliases, and once for each instance of its class', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push(this)
      }
    }
    @Module({ providers: [Listener] })
    class Other {}
    const aliases = [
      { provide: 'alias', useExisting: Listener },
      { provide: 'same', useFactory: (listener: Listener) => listener, inject: [Listener] },
    ]
    const app = await start({ imports: [Other], providers: [Listener, ...aliases] })
    await publish(app, 'a', 'x')
    expect(seen).toHaveLength(2)
    expect(new Set(seen).size).toBe(2)
    await app.close()
  })

  it('is found in values and in what factories make; values without methods are passed by', async () => {
    class Listener {
      constructor(readonly name: string) {}
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push(this.name)
      }
    }
    const providers = [
      { provide: 'value', useValue: new Listener('value') },
      { provide: 'made', useFactory: () => new Listener('made') },
      { provide: 'bare', useValue: Object.create(null) as object },
      { provide: 'text', useValue: 'text' },
      { provide: 'nothing', useValue: null },
    ]
    const app = await start({ providers })
    await publish(app, 'a', 'x')
    expect(seen).toEqual(['value', 'made'])
    await app.close()
  })

  it('is not subscribed, and is warned of, in a transient provider', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Fleeting {
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push('never')
      }
    }
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined)
    const app = await start({ providers: [Fleeting, { provide: 'user', useFactory: () => 1, inject: [Fleeting] }] })
    await publish(app, 'a', 'x')
    expect(seen).toEqual([])
    expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('Fleeting.any is not subscribed')])
    warn.mockRestore()
    await app.close()
  })

  it('executes a unique event in one worker only', async () => {
    @Injectable()
    class Job {
      @OnWorkerEvent('jobs', 'nightly')
      run() {
        seen.push('run')
      }
    }
    const zone = createZoneBuffer()
    const apps = await Promise.all([start({ providers: [Job] }, { zone }), start({ providers: [Job] }, { zone })])
    for (const app of apps) app.get(WorkerEventsService).publish('jobs', 'nightly', null, { unique: 'tonight' })
    for (const app of apps) await flush(app)
    expect(seen).toEqual(['run'])
    for (const app of apps) await app.close()
  })

  it('gets the past first if it asks for it', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x', { replay: 'all' })
      all(payload: unknown) {
        seen.push(`all ${String(payload)}`)
      }
      @OnWorkerEvent('a', 'x')
      now(payload: unknown) {
        seen.push(`now ${String(payload)}`)
      }
    }
    const zone = createZoneBuffer()
    const before = await start({}, { zone })
    before.get(WorkerEventsService).publish('a', 'x', 1)
    const app = await start({ providers: [Listener] }, { zone })
    await publish(app, 'a', 'x', 2)
    expect(seen).toEqual(['all 1', 'all 2', 'now 2'])
    for (const each of [app, before]) await each.close()
  })

  it('can be replaced by a spy while the application runs', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push('real')
      }
    }
    const app = await start({ providers: [Listener] })
    const spy = jest.spyOn(app.get(Listener), 'any').mockImplementation(() => undefined)
    await publish(app, 'a', 'x', 7)
    expect(spy.mock.calls).toMatchObject([[7, { type: 'x' }]])
    expect(seen).toEqual([])
    await app.close()
  })

  it('with a wrong name keeps the application from starting', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a*', 'x')
      any() {
        seen.push('never')
      }
    }
    await expect(start({ providers: [Listener] })).rejects.toMatchObject({ code: 'ERR_INVALID_NAME' })
  })

  it('with an option that is none keeps the application from starting', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x', { replays: 'all' } as never)
      any() {
        seen.push('never')
      }
    }
    await expect(start({ providers: [Listener] })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})

describe('several zones', () => {
  @Injectable()
  class Listener {
    @OnWorkerEvent('a', 'x')
    unnamed(payload: unknown) {
      seen.push(`unnamed ${String(payload)}`)
    }
    @OnWorkerEvent('a', 'x', { name: 'metrics' })
    named(payload: unknown) {
      seen.push(`metrics ${String(payload)}`)
    }
  }
  const zone = (name?: string) => WorkerEventsModule.forRoot({ zone: createZoneBuffer(), name })

  it('deliver each to the methods that name it', async () => {
    const app = await startWith({ imports: [zone(), zone('metrics')], providers: [Listener] })
    app.get(WorkerEventsService).publish('a', 'x', 1)
    app.get<WorkerEventsService>(getWorkerEventsToken('metrics')).publish('a', 'x', 2)
    await flush(app)
    await flush(app, 'metrics')
    expect(seen).toEqual(['unnamed 1', 'metrics 2'])
    await app.close()
  })

  it('cannot be named by a method if no module has the name', async () => {
    const starting = startWith({ imports: [zone()], providers: [Listener] })
    await expect(starting).rejects.toThrow('Listener.named is for zone metrics: one module must have it, not 0')
  })

  it('cannot have one name', async () => {
    const starting = startWith({ imports: [zone(), zone(), zone('metrics')], providers: [Listener] })
    await expect(starting).rejects.toThrow(
      'Listener.unnamed is for zone (without a name): one module must have it, not 2',
    )
  })
})

describe('a decorator', () => {
  const decorate = (host: object, name: string | symbol) => () => {
    const descriptor = Object.getOwnPropertyDescriptor(host, name) as PropertyDescriptor
    for (const decorator of [OnWorkerEvent('a', 'x'), OnWorkerEventsMissed()]) decorator(host, name, descriptor)
  }
  class Odd {
    static fixed() {
      seen.push('fixed')
    }
    [Symbol.iterator]() {
      seen.push('symbol')
    }
    get method() {
      return () => seen.push('getter')
    }
    any() {
      seen.push('any')
    }
  }

  it.each<[string, object, string | symbol]>([
    ['a static method', Odd, 'fixed'],
    ['a method that a symbol names', Odd.prototype, Symbol.iterator],
    ['a getter', Odd.prototype, 'method'],
    ['a property', Odd.prototype, 'nothing'],
  ])('refuses %s, which would never be called', (_, host, name) => {
    const refused = { code: 'ERR_INVALID_OPTION', message: expect.stringContaining(String(name)) as unknown }
    expect(decorate(host, name)).toThrow(expect.objectContaining(refused) as Error)
    expect(decorate(Odd.prototype, 'any')).not.toThrow()
  })

  it('may be one of several that are applied together', async () => {
    const Purged = () => applyDecorators(OnWorkerEvent(cacheEvents.purged), SetMetadata('a', 'b'))
    @Injectable()
    class Cache {
      @Purged()
      drop({ tag }: { tag: string }) {
        seen.push(tag)
      }
    }
    const app = await start({ providers: [Cache] })
    await publish(app, 'cache.invalidate', 'purged', { tag: 'assets' })
    expect(seen).toEqual(['assets'])
    await app.close()
  })
})
