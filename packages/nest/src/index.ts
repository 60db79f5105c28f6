/** The only door of the package. */
export {
  EventPayload,
  OnCrossWorkerEvent,
  OnWorkerEvent,
  type OnWorkerEventOptions,
  OnWorkerEventsMissed,
} from './decorators.js'
export { isWorkerEventContext } from './invocation.js'
export { WorkerEventsModule, type WorkerEventsModuleExtras } from './module.js'
export { InjectWorkerEvents, type WorkerEventsModuleOptions, getWorkerEventsToken } from './options.js'
export { type ObserveOptions, WorkerEventsService } from './service.js'
