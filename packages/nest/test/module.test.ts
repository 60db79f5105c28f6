import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Inject, Injectable, Module } from '@nestjs/common'
import { ModulesContainer } from '@nestjs/core'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import {
  InjectWorkerEvents,
  OnWorkerEvent,
  WorkerEventsModule,
  type WorkerEventsModuleOptions,
  WorkerEventsService,
} from '../src/index.js'
import { flush } from '../src/testing.js'
import { startWith } from './application.js'

@Injectable()
class Publisher {
  constructor(readonly events: WorkerEventsService) {}
}

@Module({ providers: [Publisher], exports: [Publisher] })
class Feature {}

/** Configures a zone, and needs to be injected itself. */
@Injectable()
class Configuration {
  constructor(@Inject('ZONE') readonly zone: SharedArrayBuffer) {}
  createWorkerEventsOptions(): WorkerEventsModuleOptions {
    return { zone: this.zone }
  }
}

const zoneProvider = { provide: 'ZONE', useFactory: () => createZoneBuffer({ zone: 'configured' }) }

@Module({ providers: [zoneProvider, Configuration], exports: ['ZONE', Configuration] })
class ConfigurationModule {}

describe('Nest', () => {
  it('has the major that this run is for', () => {
    const path = createRequire(import.meta.url).resolve('@nestjs/core/package.json')
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
    expect(version).toMatch(`${String((globalThis as { nestMajor?: number }).nestMajor ?? 12)}.`)
  })
})

describe('the module', () => {
  it('injects the service everywhere, and closes its bus with the application', async () => {
    const app = await startWith({ imports: [WorkerEventsModule.forRoot({ zone: createZoneBuffer() }), Feature] })
    const { bus } = app.get(Publisher).events
    expect(bus).toBeInstanceOf(WorkerEvents)
    expect(bus.closed).toBe(false)
    await app.close()
    expect(bus.closed).toBe(true)
  })

  it.each([
    ['a factory', { useFactory: (zone: SharedArrayBuffer) => ({ zone }), inject: ['ZONE'] }],
    ['a class', { useClass: Configuration }],
    ['a provider that exists', { useExisting: Configuration }],
  ])('takes its options from %s', async (_, options) => {
    const events = WorkerEventsModule.forRootAsync({ imports: [ConfigurationModule], ...options })
    const app = await startWith({ imports: [events, Feature] })
    expect(app.get(Publisher).events.bus.zone).toBe('configured')
    await app.close()
  })

  it('is private to its importer if asked', async () => {
    const events = () => WorkerEventsModule.forRoot({ zone: createZoneBuffer(), isGlobal: false })
    await expect(startWith({ imports: [events(), Feature] })).rejects.toThrow('Publisher')
    const app = await startWith({ imports: [events()], providers: [Publisher] })
    expect(app.get(Publisher).events.bus.closed).toBe(false)
    await app.close()
  })

  it('injects the services of several zones by name', async () => {
    @Injectable()
    class Both {
      constructor(
        @InjectWorkerEvents() readonly unnamed: WorkerEventsService,
        @InjectWorkerEvents('metrics') readonly metrics: WorkerEventsService,
      ) {}
    }
    const unnamed = WorkerEventsModule.forRoot({ zone: createZoneBuffer({ zone: 'one' }) })
    const useFactory = () => ({ zone: createZoneBuffer({ zone: 'two' }) })
    const metrics = WorkerEventsModule.forRootAsync({ name: 'metrics', useFactory })
    const app = await startWith({ imports: [unnamed, metrics], providers: [Both] })
    const { unnamed: one, metrics: two } = app.get(Both)
    expect([one.bus.zone, two.bus.zone]).toEqual(['one', 'two'])
    expect(two).toBeInstanceOf(WorkerEventsService)
    await app.close()
    expect([one.bus.closed, two.bus.closed]).toEqual([true, true])
  })

  it('shares nothing between two applications of a process', async () => {
    const seen: string[] = []
    @Injectable()
    class Listener {
      constructor(readonly events: WorkerEventsService) {}
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push(this.events.bus.zone)
      }
    }
    const names = ['one', 'two']
    const [one, two] = await Promise.all(
      names.map((zone) => {
        return startWith({
          imports: [WorkerEventsModule.forRoot({ zone: createZoneBuffer({ zone }) })],
          providers: [Listener],
        })
      }),
    )
    one.get(WorkerEventsService).publish('a', 'x')
    for (const app of [one, two]) await flush(app)
    expect(seen).toEqual(['one'])

    await one.close()
    two.get(WorkerEventsService).publish('a', 'x')
    await flush(two)
    expect(seen).toEqual(['one', 'two'])
    await two.close()
  })

  it('keeps the application from starting if the bus cannot be opened, or an option is unknown', async () => {
    const wrong = (options: object) =>
      startWith({ imports: [WorkerEventsModule.forRoot({ zone: createZoneBuffer(), ...options })] })
    await expect(wrong({ zone: '' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    await expect(wrong({ ringsize: 5 })).rejects.toThrow('has no option "ringsize"')
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the options of the module must be an object, got undefined'],
    ['a bus that is none', { bus: {} }, 'option "bus" must be a WorkerEvents, got object'],
    ['a zone beside a bus', { bus: true, zone: 'x' }, 'option "zone" is for a bus to open'],
    ['an onError that is none', { onError: 5 }, 'option "onError" must be a function, got number'],
    ['a word for a boolean', { suppressErrors: 'no' }, 'option "suppressErrors" must be a boolean, got string'],
    ['a time that is none', { drainTimeout: NaN }, 'option "drainTimeout" must be a number of milliseconds'],
    ['a time that is past', { drainTimeout: -1 }, 'option "drainTimeout" must be a number of milliseconds'],
    ['a time without end', { drainTimeout: Infinity }, 'from 0 to 2147483647, got number'],
    ['a time that no timer takes', { drainTimeout: 2 ** 31 }, 'from 0 to 2147483647, got number'],
    ['an endpoint that is none', { api: true }, 'option "api" must be an object, got boolean'],
  ])('keeps the application from starting if its options are %s', async (_, given, message) => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    const options = { ...(given as { bus?: unknown } | undefined) }
    const useFactory = () =>
      (given === undefined ? undefined : { ...options, ...(options.bus === true ? { bus } : {}) }) as never
    const starting = startWith({ imports: [WorkerEventsModule.forRootAsync({ useFactory })] })
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message) as unknown,
    })
    bus.close()
  })

  it.each<[string, object, string]>([
    ['an option that it does not have', { nmae: 'q' }, 'forRootAsync has no option "nmae"'],
    ['a word for isGlobal', { isGlobal: 'no' }, 'option "isGlobal" must be a boolean, got string'],
    ['a path for an endpoint', { api: '/events' }, 'option "api" must be an object, got string'],
  ])('refuses %s beside a factory', (_, beside, message) => {
    const useFactory = () => ({ zone: createZoneBuffer() })
    const refused = { code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) as unknown }
    expect(() => WorkerEventsModule.forRootAsync({ useFactory, ...beside })).toThrow(
      expect.objectContaining(refused) as Error,
    )
  })

  it('keeps its parts to itself', async () => {
    const events = WorkerEventsModule.forRoot({ zone: createZoneBuffer() })
    const app = await startWith({ imports: [events] })
    const module = [...app.get(ModulesContainer).values()].find(({ metatype }) => metatype === WorkerEventsModule)
    expect([...(module?.exports ?? [])]).toEqual([WorkerEventsService])
    await app.close()
  })
})
