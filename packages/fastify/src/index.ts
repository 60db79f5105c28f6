export { type WorkerEventsPluginOptions } from './options.js'
export { workerEvents, workerEvents as default } from './plugin.js'
