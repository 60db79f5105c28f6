export { WorkerEventsModule } from './module.js'
export { type WorkerEventsModuleOptions } from './options.js'
