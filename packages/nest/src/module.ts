// The module: opens a bus when the app starts, injects it as `WorkerEvents`, closes it when the app shuts down.

import { Module, type OnApplicationShutdown } from '@nestjs/common'
import { WorkerEvents } from '@worker-events/core'
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, type WorkerEventsModuleOptions } from './options.js'

const busProvider = {
  provide: WorkerEvents,
  useFactory: (options: WorkerEventsModuleOptions) => WorkerEvents.open(options),
  inject: [MODULE_OPTIONS_TOKEN],
}

@Module({
  providers: [busProvider],
  exports: [WorkerEvents],
})
export class WorkerEventsModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  readonly #bus: WorkerEvents

  constructor(bus: WorkerEvents) {
    super()
    this.#bus = bus
  }

  onApplicationShutdown(): void {
    this.#bus.close()
  }
}
