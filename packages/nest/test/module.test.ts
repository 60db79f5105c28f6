import 'reflect-metadata'
import { Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createZoneBuffer, WorkerEvents } from '@worker-events/core'
import { WorkerEventsModule } from '../src/index.js'

@Injectable()
class Subscriber {
  constructor(readonly bus: WorkerEvents) {}
}

@Module({ providers: [Subscriber], exports: [Subscriber] })
class Feature {}

const appWith = (events: ReturnType<typeof WorkerEventsModule.forRoot>) => {
  @Module({ imports: [events, Feature] })
  class App {}
  return NestFactory.createApplicationContext(App, { logger: false, abortOnError: false })
}

describe('the module', () => {
  it('injects a bus everywhere and closes it with the app', async () => {
    const app = await appWith(WorkerEventsModule.forRoot({ zone: createZoneBuffer() }))
    const { bus } = app.get(Subscriber)
    expect(bus).toBeInstanceOf(WorkerEvents)
    expect(bus.closed).toBe(false)

    await app.close()
    expect(bus.closed).toBe(true)
  })

  it('takes its options from a factory', async () => {
    const zone = createZoneBuffer()
    const app = await appWith(WorkerEventsModule.forRootAsync({ useFactory: () => ({ zone }) }))
    expect(app.get(WorkerEvents).closed).toBe(false)
    await app.close()
  })

  it('is private to its importer if asked', async () => {
    const events = WorkerEventsModule.forRoot({ zone: createZoneBuffer(), isGlobal: false })
    await expect(appWith(events)).rejects.toThrow('Subscriber')
  })

  it('shares nothing between two apps', async () => {
    const [one, two] = await Promise.all([
      appWith(WorkerEventsModule.forRoot({ zone: createZoneBuffer() })),
      appWith(WorkerEventsModule.forRoot({ zone: createZoneBuffer() })),
    ])
    await one.close()
    expect(two.get(WorkerEvents).closed).toBe(false)
    await two.close()
  })

  it('refuses to start the app when the bus cannot be opened', async () => {
    await expect(appWith(WorkerEventsModule.forRoot({ zone: '' }))).rejects.toThrow('zone')
  })
})
