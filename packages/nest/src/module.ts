/** The module: opens a zone for an application, subscribes its decorated methods, and mounts the endpoint if asked to. */
import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  Optional,
} from '@nestjs/common'
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import { DiscoveryModule, HttpAdapterHost, ModuleRef } from '@nestjs/core'
import type { Subscription } from '@worker-events/core'
import { ENDPOINT, type Endpoint, controllerAt, endpointOf, exclude } from './controller.js'
import { HANDLER, type HandlerMark, MISSED } from './decorators.js'
import { Explorer, NAME } from './explorer.js'
import { Invocation } from './invocation.js'
import {
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
  const token = getWorkerEventsToken(name)
  const service = { provide: token, useFactory: (zone: Zone) => new WorkerEventsService(zone), inject: [Zone] }
  const providers = [...(definition.providers ?? []), { provide: NAME, useValue: name }, service]
  const plain = { ...definition, global: isGlobal, providers, exports: [token] }
  if (api === undefined) return plain
  const mount = { path: '/internal/worker-events', useGlobalPrefix: false, ...api }
  const useFactory = ({ bus }: Zone, options: WorkerEventsModuleOptions, host: HttpAdapterHost): Endpoint =>
    endpointOf(bus, mount, options.api, host)
  const endpoint = { provide: ENDPOINT, useFactory, inject: [Zone, OPTIONS, HttpAdapterHost] }
  return { ...plain, providers: [...providers, endpoint], controllers: [controllerAt(mount)] }
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
  implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  #subscriptions: Subscription[] = []

  constructor(
    readonly zone: Zone,
    readonly explorer: Explorer,
    readonly moduleRef: ModuleRef,
    @Inject(OPTIONS) options: WorkerEventsModuleOptions,
    @Optional() @Inject(ENDPOINT) readonly endpoint?: Endpoint,
  ) {
    super()
    const isMissing = options.api !== undefined && endpoint === undefined
    if (isMissing) throw new Error('forRootAsync mounts no endpoint: set api beside useFactory too, at least to {}')
  }

  /** Before routes are made, and after the application has set its global prefix. */
  configure(): void {
    const { mount } = this.endpoint ?? {}
    if (mount?.useGlobalPrefix === false) exclude(mount.path, this.moduleRef['container'].applicationConfig)
  }

  onApplicationBootstrap(): void {
    this.#subscriptions = this.explorer.find<HandlerMark>(HANDLER).map(({ mark: { target, replay }, handler }) => {
      return subscribe(this.zone.bus, target, handler, replay === undefined ? {} : { replay })
    })
    this.zone.resyncBy(this.explorer.find(MISSED).map(({ handler }) => handler))
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
