// One process of a service on `node:http` alone: its settings are the same in every process, whichever got the change.
import http from 'node:http'
import { createWorkerEventsApi, WorkerEvents } from '@worker-events/core'

const settings = new Map([['greeting', 'hello']])
const bus = WorkerEvents.open({ zone: 'plain-http' })
bus.subscribe('settings', 'changed', ({ name, value }) => settings.set(name, value))

const api = createWorkerEventsApi(bus, { channel: 'settings', publishKey: 'changeme' })

const server = http.createServer((request, response) => {
  // Serves its own path, and passes everything else on.
  api.listener(request, response, () => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...Object.fromEntries(settings), pid: process.pid }))
  })
})
server.listen(0, '127.0.0.1')

process.once('disconnect', () => {
  // A server would wait for live tails, which end here.
  api.endTails()
  server.close()
})
