/** The endpoint together with its bus: what the adapters' options, which are flat, come to. */
import { WorkerEventsError } from '../errors.js'
import { type OpenOptions, openOptionNames } from '../options.js'
import { WorkerEvents } from '../worker-events.js'
import { type WorkerEventsApi, createWorkerEventsApi } from './handler.js'
import { type ApiOptions, apiOptionNames, missing, readApiOptions } from './options.js'

/** Options of a bus to open and of its endpoint side by side; or a ready `bus`, which stays open, instead of a `zone`. */
export type WorkerEventsApiOptions = ApiOptions & (OpenOptions | { bus: WorkerEvents })

/** An endpoint and its bus. */
export interface OpenWorkerEventsApi {
  readonly bus: WorkerEvents
  readonly api: WorkerEventsApi
  /** Ends the live tails, and closes the bus if it was opened for the endpoint. Idempotent. */
  readonly close: () => void
}

/**
 * Opens a bus, or takes a ready one, and makes its endpoint.
 * @throws {@link WorkerEventsError} `ERR_INVALID_OPTION`, and what `WorkerEvents.open` throws
 */
export function openWorkerEventsApi(options: WorkerEventsApiOptions): OpenWorkerEventsApi {
  const [ofApi, ofBus] = split(options)
  if (ofBus.bus === undefined && ofBus.zone === undefined) throw missing('zone')
  readApiOptions(ofApi)
  const bus = ofBus.bus ?? WorkerEvents.open(ofBus as OpenOptions)
  const api = createWorkerEventsApi(bus, ofApi)
  const close = (): void => {
    api.endTails()
    if (ofBus.bus === undefined) bus.close()
  }
  return { bus, api, close }
}

type BusOptions = Partial<OpenOptions> & { bus?: WorkerEvents }

function split(options: WorkerEventsApiOptions): [ApiOptions, BusOptions] {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const ofApi = given.filter(([name]) => apiOptionNames.includes(name))
  const ofBus = given.filter(([name]) => !apiOptionNames.includes(name))
  const others = ofBus.map(([name]) => name).filter((name) => name !== 'bus')
  const unknown = others.find((name) => !openOptionNames.includes(name))
  if (unknown !== undefined) {
    const known = `the endpoint takes ${apiOptionNames.join(', ')}, its bus ${openOptionNames.join(', ')}`
    throw invalid(`there is no option "${unknown}": ${known}, and instead of those a ready one is given as bus`)
  }
  if (others.length > 0 && others.length < ofBus.length) {
    throw invalid(`option "${others[0]}" is for a bus to open, and a ready "bus" is given: leave out one of them`)
  }
  return [Object.fromEntries(ofApi) as unknown as ApiOptions, Object.fromEntries(ofBus)]
}

function invalid(message: string): WorkerEventsError {
  return new WorkerEventsError('ERR_INVALID_OPTION', message)
}
