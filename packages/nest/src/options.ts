// What the module is configured with, and the tokens that Nest's module builder makes for it.

import { ConfigurableModuleBuilder } from '@nestjs/common'
import { type OpenOptions } from '@worker-events/core'

export type WorkerEventsModuleOptions = OpenOptions

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<WorkerEventsModuleOptions>({ optionsInjectionToken: 'WORKER_EVENTS_OPTIONS' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createWorkerEventsOptions')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build()
