/** The endpoint, served by an actor, and what its process then holds. */
import fs from 'node:fs'
import http from 'node:http'
import { settledHeap } from './settling.mjs'

let server

/** Serves an endpoint; the port. */
export async function serve(api) {
  server = http.createServer(api.listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server.address().port
}

/** Connections, descriptors, and bytes of live heap. */
export async function holdings() {
  const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  return { connections, descriptors: fs.readdirSync('/proc/self/fd').length, heap: await settledHeap() }
}
