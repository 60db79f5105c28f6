/** The only door of the package. */
export { type WorkerEventsApiMount, WorkerEventsController } from './controller.js'
export { EventPayload, OnCrossWorkerEvent, OnWorkerEvent, OnWorkerEventsMissed } from './decorators.js'
export type { OnWorkerEventOptions } from './decorators.js'
export { isWorkerEventContext } from './invocation.js'
export { WorkerEventsModule } from './module.js'
export { InjectWorkerEvents, getWorkerEventsToken } from './options.js'
export type { WorkerEventsModuleExtras, WorkerEventsModuleOptions } from './options.js'
export { type ObserveOptions, WorkerEventsService } from './service.js'
