/** From the options of a handle to the memory of its zone. */
import path from 'node:path'
import { WorkerEventsError } from './errors.js'
import { Geometry } from './layout.js'
import type { Dimensions } from './options.js'
import {
  MAX_ZONE_BYTES,
  type OpenOptions,
  checkBufferOptions,
  defaultDimensions,
  dimensionsIn,
  isSharedMemory,
} from './options.js'
import { defaultDirectory } from './region/directory.js'
import { openFileRegion } from './region/file.js'
import type { Region } from './region/region.js'
import { SharedRegion, createSharedMemory } from './region/shared.js'

/** How a handle comes to its zone. */
export interface Opening {
  /** Where the zone's file lives; `undefined` for memory of this process. */
  readonly directory: string | undefined
  /** Opens the zone as the options ask for it. */
  open(): Region
  /** Opens whatever life of the zone is there now, of whatever dimensions. */
  reopen(): Region
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_OPTION`, `ERR_ZONE_MISMATCH` */
export function openingOf(options: OpenOptions): Opening {
  const wanted = dimensionsIn(options)
  if (isSharedMemory(options.zone)) return openingOfMemory(options.zone, wanted)
  checkSize({ ...defaultDimensions, ...wanted })
  // Absolute, so that a later change of the working directory changes nothing.
  const directory = path.resolve(options.directory ?? defaultDirectory())
  const request = { name: options.zone, directory, fallback: defaultDimensions }
  return {
    directory,
    open: () => openFileRegion({ ...request, wanted }),
    reopen: () => openFileRegion({ ...request, wanted: {} }),
  }
}

function openingOfMemory(memory: SharedArrayBuffer, wanted: Partial<Dimensions>): Opening {
  const open = (): Region => {
    const region = new SharedRegion(memory)
    const actual = region.zone.geometry.dimensions
    for (const [option, value] of Object.entries(wanted) as [keyof Dimensions, unknown][]) {
      if (value === actual[option]) continue
      throw new WorkerEventsError('ERR_ZONE_MISMATCH', `the zone has ${option} ${actual[option]}, not ${String(value)}`)
    }
    return region
  }
  return { directory: undefined, open, reopen: open }
}

function checkSize(dimensions: Dimensions): void {
  const { bytes } = new Geometry(dimensions)
  if (bytes <= MAX_ZONE_BYTES) return
  const message = `ringSize ${dimensions.ringSize} of entryPayload ${dimensions.entryPayload} need a zone of ${bytes} bytes`
  throw new WorkerEventsError('ERR_INVALID_OPTION', `${message}, more than ${MAX_ZONE_BYTES}`)
}

/** Options of {@link createZoneBuffer}. */
export interface ZoneBufferOptions extends Partial<Dimensions> {
  /** Name that `inspect()` shows, default `memory`. */
  zone?: string
}

/**
 * Makes the memory of a zone for the threads of one process: pass it to each by `workerData`, and open it there as
 * `zone`. Needs no file and no native code.
 * @throws {@link WorkerEventsError} `ERR_INVALID_OPTION`
 */
export function createZoneBuffer(options: ZoneBufferOptions = {}): SharedArrayBuffer {
  checkBufferOptions(options)
  const dimensions = { ...defaultDimensions, ...dimensionsIn(options) }
  checkSize(dimensions)
  return createSharedMemory(options.zone ?? 'memory', dimensions)
}
