/** Suites as functions: what several subjects must do alike is written once and run on each of them. */
export { describeApi } from './api/describe-api.js'
export type { Mount, Mounted } from './api/stage.js'
