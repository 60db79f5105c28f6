// One process of a shop: a page that shows orders as they are placed, in whichever process.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { createWorkerEventsApi, WorkerEvents } from '@worker-events/core'

const bus = WorkerEvents.open({ zone: 'browser-tail' })
const api = createWorkerEventsApi(bus, { channel: 'orders' })
const page = readFileSync(new URL('page.html', import.meta.url))

const server = http.createServer((request, response) => {
  api.listener(request, response, () => {
    const [, id] = /^\/orders\/(\d+)$/.exec(request.url) ?? []
    if (request.method === 'POST' && id !== undefined) {
      bus.publish('orders', 'placed', { id: Number(id) })
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ pid: process.pid }))
    } else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  })
})
server.listen(0, '127.0.0.1')

// Browsers come back by themselves, and go on where they were: another process serves them then.
process.on('message', () => api.endTails())
process.once('disconnect', () => {
  api.endTails()
  server.close()
})
