/** The events that the bus publishes about its own workers, and the handles of this thread that are open. */
import path from 'node:path'
import { defineEvents, event } from './define-events.js'
import { defaultDirectory } from './region/directory.js'

/** Published by each worker on channel `worker-events`. Seed: `started` and `stopping` of lua-resty-worker-events. */
export const lifecycle = defineEvents('worker-events', {
  /** A worker has opened the zone. */
  started: event(),
  /** A worker closes its handle, or its process exits normally. */
  stopping: event(),
})

/** An open handle, as this file needs it. */
export interface Handle {
  readonly zone: string
  readonly directory: string | undefined
  close(): void
}

const open = new Set<Handle>()
let isHooked = false

/** Remembers a handle until it closes; a normal exit closes it. */
export function remember(handle: Handle): void {
  open.add(handle)
  if (isHooked) return
  isHooked = true
  process.on('exit', () => {
    for (const each of open) each.close()
  })
}

export function forget(handle: Handle): void {
  open.delete(handle)
}

/** True if this thread has an open handle of the zone. */
export function hasOpen(zone: string, directory = defaultDirectory()): boolean {
  const resolved = path.resolve(directory)
  return [...open].some((handle) => handle.zone === zone && handle.directory === resolved)
}
