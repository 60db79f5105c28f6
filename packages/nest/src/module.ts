/** The module: opens a zone for an application, subscribes its decorated methods, and mounts the endpoint if asked to. */
import { ConfigurableModuleBuilder, type DynamicModule, Module, type NestModule, Optional } from '@nestjs/common'
import { MODULE_PATH } from '@nestjs/common/constants.js'
import { ApplicationConfig, DiscoveryModule, DiscoveryService, HttpAdapterHost, ModulesContainer } from '@nestjs/core'
import { Endpoint, controllerAt } from './controller.js'
import { Invocation } from './invocation.js'
import { OPTIONS, check, getWorkerEventsToken, refused } from './options.js'
import type { WorkerEventsModuleExtras, WorkerEventsModuleOptions } from './options.js'
import { WorkerEventsService } from './service.js'
import { Zone } from './zone.js'

const extras: WorkerEventsModuleExtras = { isGlobal: true, name: undefined, api: undefined }

function define(definition: DynamicModule, options: WorkerEventsModuleExtras): DynamicModule {
  const { isGlobal, name, api } = options
  check({ ...api, ...options })
  const unknown = Object.keys(options).find((option) => !(option in extras))
  // Beside a factory there is nothing else.
  if (definition.imports && unknown) throw refused(`forRootAsync has no option "${unknown}"`)
  const mount = api && { path: '/internal/worker-events', ...api }
  const endpoint = (zone: Zone): Endpoint | undefined => {
    if (mount !== undefined) return new Endpoint(zone, mount)
    if (zone.options.api === undefined) return undefined
    throw refused('forRootAsync mounts no endpoint: set api beside useFactory too, at least to {}')
  }
  const open = (...parts: [WorkerEventsModuleOptions, DiscoveryService, Invocation]): Zone => new Zone(...parts, name)
  const service = getWorkerEventsToken(name)
  const providers = [
    ...(definition.providers ?? []),
    Invocation,
    { provide: Zone, useFactory: open, inject: [OPTIONS, DiscoveryService, Invocation] },
    { provide: service, useFactory: (zone: Zone) => new WorkerEventsService(zone), inject: [Zone] },
    { provide: Endpoint, useFactory: endpoint, inject: [Zone] },
  ]
  const controllers = mount ? [controllerAt(mount)] : []
  return { ...definition, global: isGlobal, providers, controllers, exports: [service] }
}

const builder = new ConfigurableModuleBuilder<WorkerEventsModuleOptions>({ optionsInjectionToken: OPTIONS })
const { ConfigurableModuleClass } = builder
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWorkerEventsOptions')
  .setExtras(extras, define)
  .build()

/** Gives an application a zone. Handlers are subscribed at bootstrap; the bus is closed at shutdown. */
@Module({ imports: [DiscoveryModule] })
export class WorkerEventsModule extends ConfigurableModuleClass implements NestModule {
  constructor(
    readonly config: ApplicationConfig,
    readonly host: HttpAdapterHost,
    readonly modules: ModulesContainer,
    @Optional() readonly endpoint?: Endpoint,
  ) {
    super()
  }

  /** When the application is configured, and its routes are not made yet. */
  configure(): void {
    // Where `RouterModule` has put the module in this application.
    const modulePath = Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, WorkerEventsModule) as string
    this.endpoint?.prepare(modulePath, this.config, this.host)
  }
}
