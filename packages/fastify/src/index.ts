/** The only door of the package. */
export type { WorkerEventsNamespaces } from './namespaces.js'
export type { WorkerEventsPluginOptions } from './options.js'
export { workerEvents, workerEvents as default } from './plugin.js'
