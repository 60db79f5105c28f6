// The endpoint on a bare `node:http` server.
import { createServer } from 'node:http'
import { createWorkerEventsApi } from '@worker-events/core'
import { listening } from './listening.js'

/** @type {import('./listening.js').Mount} */
export async function mount(bus, options, at) {
  const api = createWorkerEventsApi(bus, options)
  const server = await listening(createServer(api.listener), at)
  const close = async () => {
    api.endTails()
    await new Promise((resolve) => server.close(resolve))
  }
  return { server, close }
}
