/** The module: opens a zone for an application, subscribes its decorated methods, and mounts the endpoint if asked to. */
import { ConfigurableModuleBuilder, type DynamicModule, Module, type NestModule, Optional } from '@nestjs/common'
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import { ApplicationConfig, DiscoveryModule, HttpAdapterHost } from '@nestjs/core'
import type { Subscription } from '@worker-events/core'
import { Endpoint, controllerAt } from './controller.js'
import { HANDLER, MISSED } from './decorators.js'
import { Explorer } from './explorer.js'
import { Invocation } from './invocation.js'
import {
  NAME,
  OPTIONS,
  type WorkerEventsModuleExtras,
  type WorkerEventsModuleOptions,
  getWorkerEventsToken,
} from './options.js'
import { WorkerEventsService } from './service.js'
import { subscribe } from './target.js'
import { Zone } from './zone.js'

const extras: WorkerEventsModuleExtras = { isGlobal: true, name: undefined, api: undefined }

function define(definition: DynamicModule, { isGlobal, name, api }: WorkerEventsModuleExtras): DynamicModule {
  const mount = api && { path: '/internal/worker-events', ...api }
  const endpoint = (zone: Zone, options: WorkerEventsModuleOptions, host: HttpAdapterHost): Endpoint | undefined => {
    if (mount !== undefined) return new Endpoint(zone.bus, mount, options.api, host)
    if (options.api === undefined) return undefined
    throw new Error('forRootAsync mounts no endpoint: set api beside useFactory too, at least to {}')
  }
  const service = getWorkerEventsToken(name)
  const providers = [
    ...(definition.providers ?? []),
    { provide: NAME, useValue: name },
    { provide: service, useFactory: (zone: Zone) => new WorkerEventsService(zone), inject: [Zone] },
    { provide: Endpoint, useFactory: endpoint, inject: [Zone, OPTIONS, HttpAdapterHost] },
  ]
  return {
    ...definition,
    global: isGlobal,
    providers,
    controllers: mount ? [controllerAt(mount)] : [],
    exports: [service],
  }
}

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<WorkerEventsModuleOptions>({
  optionsInjectionToken: OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWorkerEventsOptions')
  .setExtras(extras, define)
  .build()

type Hooks = NestModule & OnApplicationBootstrap & BeforeApplicationShutdown & OnApplicationShutdown

@Module({ imports: [DiscoveryModule], providers: [Zone, Explorer, Invocation] })
export class WorkerEventsModule extends ConfigurableModuleClass implements Hooks {
  #subscriptions: Subscription[] = []

  constructor(
    readonly zone: Zone,
    readonly explorer: Explorer,
    readonly config: ApplicationConfig,
    @Optional() readonly endpoint?: Endpoint,
  ) {
    super()
  }

  /** Before routes are made, and after the application has set its global prefix. */
  configure(): void {
    this.endpoint?.exclude(this.config)
  }

  onApplicationBootstrap(): void {
    this.#subscriptions = this.explorer.find(HANDLER).map(([{ target = [], replay }, handler]) => {
      return subscribe(this.zone.bus, target, handler, replay === undefined ? {} : { replay })
    })
    this.zone.resyncBy(this.explorer.find(MISSED).map(([, handler]) => handler))
    this.zone.ready.next()
  }

  /** Before connections are waited for: a live tail would never end. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.zone.stop()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.endpoint?.api.endTails()
  }

  onApplicationShutdown(): void {
    this.zone.close()
  }
}
