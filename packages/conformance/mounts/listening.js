// What a mount is: something that serves the endpoint of a bus on a server of its own.
import { once } from 'node:events'

/**
 * @typedef {import('@worker-events/core').WorkerEvents} WorkerEvents
 * @typedef {import('@worker-events/core').ApiOptions} ApiOptions
 * @typedef {{ server: import('node:http').Server, close(): Promise<void> }} Mounted
 * @typedef {(bus: WorkerEvents, options: ApiOptions, at?: { exclusive?: boolean }) => Promise<Mounted>} Mount
 */

/** Where a server listens: at a free port of this machine only. */
export const place = { port: 0, host: '127.0.0.1' }

/**
 * @param {import('node:http').Server} server
 * @param {{ exclusive?: boolean }} [at]
 */
export async function listening(server, at) {
  server.listen({ ...place, ...at })
  await once(server, 'listening')
  return server
}
