/** Options of the endpoint, checked before anything is opened. */
import { WorkerEventsError, shown } from '../errors.js'
import { encodePair } from '../names.js'

/** Options of `createWorkerEventsApi`, named after the directives of the nginx module. */
export interface ApiOptions {
  /** Where the endpoint is mounted, default `/internal/worker-events`; a trailing slash is the same endpoint. */
  path?: string
  /** Channel that is shown and published to if the request names none. Seed: `worker_events_channel`. */
  channel: string
  /** If set, POST needs it, as `?key=` or as `authorization: Bearer`. Seed: `worker_events_publish_key`. */
  publishKey?: string | undefined
  /** If set, GET and HEAD need it, the live tail too. */
  readKey?: string | undefined
  /** Serve the HTML inspector to browsers, default true. There is none yet: browsers get the JSON document. */
  inspector?: boolean
  /** Largest body of a POST, in bytes, default 1 MiB. */
  bodyLimit?: number
}

/** Options with their defaults filled in. */
export interface ApiSettings {
  /** Without a trailing slash; empty for the root. */
  readonly path: string
  readonly channel: string
  readonly publishKey: string | undefined
  readonly readKey: string | undefined
  readonly inspector: boolean
  readonly bodyLimit: number
}

type Check = readonly [expected: string, isValid: (value: unknown) => boolean]

const key: Check = ['a non-empty string', (value) => typeof value === 'string' && value !== '']

const checks: Record<keyof ApiOptions, Check> = {
  path: ['a path that starts with "/"', (value) => typeof value === 'string' && /^\/[^?#\s]*$/.test(value)],
  channel: ['a name of 1-64 bytes of UTF-8 without "*"', isChannel],
  publishKey: key,
  readKey: key,
  inspector: ['a boolean', (value) => typeof value === 'boolean'],
  bodyLimit: ['an integer, 1 or more', (value) => Number.isSafeInteger(value) && (value as number) > 0],
}

/** Options that may not be shown: an error tells only what was expected. */
const secrets = ['publishKey', 'readKey']

/** Names of the endpoint's options, by which they are told from those of the bus. */
export const apiOptionNames: readonly string[] = Object.keys(checks)

function isChannel(value: unknown): boolean {
  try {
    encodePair(value as string, '-')
    return true
  } catch {
    return false
  }
}

/**
 * Checks the endpoint's options and fills in defaults.
 * @throws {@link WorkerEventsError} `ERR_INVALID_OPTION`
 */
export function readApiOptions(options: ApiOptions): ApiSettings {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw invalid('the options of the endpoint', options)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) check(name, value)
  const { channel, path = '/internal/worker-events', publishKey, readKey, inspector = true } = options
  if ((channel as unknown) === undefined) throw missing('channel')
  const { bodyLimit = 2 ** 20 } = options
  return { path: path.replace(/\/+$/, ''), channel, publishKey, readKey, inspector, bodyLimit }
}

function check(name: string, value: unknown): void {
  if (!Object.hasOwn(checks, name)) {
    const known = apiOptionNames.join(', ')
    throw new WorkerEventsError('ERR_INVALID_OPTION', `worker_events_api has no option "${name}": it takes ${known}`)
  }
  const [expected, isValid] = checks[name as keyof ApiOptions]
  if (isValid(value)) return
  const found = secrets.includes(name) ? '' : `, got ${shown(value)}`
  throw new WorkerEventsError('ERR_INVALID_OPTION', `option "${name}" must be ${expected}${found}`)
}

function invalid(what: string, value: unknown): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_OPTION', `${what} must be an object, got ${shown(value)}`)
}

/** The error of an endpoint without its zone or channel, in the words of the nginx module. */
export function missing(what: 'zone' | 'channel'): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_OPTION', `worker_events_api requires a ${what}`)
}
