/** The module: opens a zone for an application, and subscribes decorated methods from its start to its end. */
import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common'
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import type { Subscription } from '@worker-events/core'
import { HANDLER, type HandlerMark, MISSED } from './decorators.js'
import { Explorer, NAME } from './explorer.js'
import { Invocation } from './invocation.js'
import { OPTIONS, type WorkerEventsModuleOptions, getWorkerEventsToken } from './options.js'
import { WorkerEventsService } from './service.js'
import { subscribe } from './target.js'
import { Zone } from './zone.js'

/** What must be known when the module is defined: in `forRootAsync` it stands beside `useFactory`. */
export interface WorkerEventsModuleExtras {
  /** Whether other modules can inject the service without importing this module, default true. */
  isGlobal?: boolean
  /** Tells several zones of an application apart. */
  name?: string
}

const extras: WorkerEventsModuleExtras = { isGlobal: true, name: undefined }

function define(definition: DynamicModule, { isGlobal, name }: WorkerEventsModuleExtras): DynamicModule {
  const service = {
    provide: getWorkerEventsToken(name),
    useFactory: (zone: Zone) => new WorkerEventsService(zone),
    inject: [Zone],
  }
  const providers = [...(definition.providers ?? []), service, { provide: NAME, useValue: name }]
  return { ...definition, global: isGlobal, providers, exports: [service.provide] }
}

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<WorkerEventsModuleOptions>({
  optionsInjectionToken: OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWorkerEventsOptions')
  .setExtras(extras, define)
  .build()

@Module({ imports: [DiscoveryModule], providers: [Zone, Explorer, Invocation] })
export class WorkerEventsModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  #subscriptions: Subscription[] = []

  constructor(
    readonly zone: Zone,
    readonly explorer: Explorer,
  ) {
    super()
  }

  onApplicationBootstrap(): void {
    this.#subscriptions = this.explorer.find<HandlerMark>(HANDLER).map(({ mark: { target, replay }, handler }) => {
      return subscribe(this.zone.bus, target, handler, replay === undefined ? {} : { replay })
    })
    this.zone.resyncBy(this.explorer.find(MISSED).map(({ handler }) => handler))
    this.zone.ready.next()
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.zone.stop()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
  }

  onApplicationShutdown(): void {
    this.zone.bus.close()
  }
}
