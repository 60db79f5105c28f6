// A service behind the proxy, which takes a little time for each request and counts them.
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout } from 'node:timers/promises'

let begun = 0
const server = http.createServer(async (_, response) => {
  begun++
  await setTimeout(5 + (begun % 20))
  response.writeHead(200, { 'content-type': 'text/plain' }).end(String(process.pid))
})
await once(server.listen(0, '127.0.0.1'), 'listening')
process.send({ url: `http://127.0.0.1:${server.address().port}` })
process.on('message', () => process.send({ begun }))
// Ends when all requests are answered.
process.once('disconnect', () => server.close())
