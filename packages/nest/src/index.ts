/** The only door of the package. */
export {
  EventPayload,
  OnCrossWorkerEvent,
  OnWorkerEvent,
  type OnWorkerEventOptions,
  OnWorkerEventsMissed,
} from './decorators.js'
export { type WorkerEventsApiMount, WorkerEventsController } from './controller.js'
export { isWorkerEventContext } from './invocation.js'
export { WorkerEventsModule } from './module.js'
export {
  InjectWorkerEvents,
  type WorkerEventsModuleExtras,
  type WorkerEventsModuleOptions,
  getWorkerEventsToken,
} from './options.js'
export { type ObserveOptions, WorkerEventsService } from './service.js'
