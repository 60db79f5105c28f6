// Requests per second of a web server, by a client that only counts bytes: every answer is as long as the first.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'

const CONNECTIONS = 8

const { framework, seconds } = JSON.parse(process.argv[2])

async function answerOf(port, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`)
  return response.text()
}

/** Bytes of one answer with its head, on a connection that is kept. */
async function bytesOf(port, request, body) {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(request)
  let bytes = 0
  let seen = Buffer.alloc(0)
  for await (const chunk of socket) {
    seen = Buffer.concat([seen, chunk])
    const head = seen.indexOf('\r\n\r\n')
    bytes = head + 4 + body
    if (head > 0 && seen.length >= bytes) break
  }
  return bytes
}

async function requestsPerSecond(port, path, body) {
  const request = `GET ${path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\r\n`
  const length = await bytesOf(port, request, body)
  let answers = 0
  const sockets = Array.from({ length: CONNECTIONS }, () => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
    let rest = length
    socket.on('data', (chunk) => {
      rest -= chunk.length
      if (rest > 0) return
      rest = length
      answers++
      socket.write(request)
    })
    return socket
  })
  await new Promise((resolve) => setTimeout(resolve, 500))
  const [before, started] = [answers, performance.now()]
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const rate = ((answers - before) / (performance.now() - started)) * 1000
  for (const socket of sockets) socket.destroy()
  return rate
}

async function measure(sends, check) {
  const server = fork(new URL('web-server.js', import.meta.url), [JSON.stringify({ framework, sends })])
  const [{ port, path }] = await once(server, 'message')
  const body = await answerOf(port, path)
  check(body)
  const rate = await requestsPerSecond(port, path, Buffer.byteLength(body))
  server.kill()
  return { rate, length: body.length }
}

const endpoint = await measure({}, (body) => {
  if (JSON.parse(body).events.length !== 100) throw new Error('the endpoint did not answer with 100 events')
})
const prepared = await measure({ length: endpoint.length }, () => undefined)
process.send({ endpoint: endpoint.rate, prepared: prepared.rate, length: endpoint.length }, () => process.exit(0))
