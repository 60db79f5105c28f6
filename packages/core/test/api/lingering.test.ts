/** Connections whose requests were answered early, and clients that make the most of it. */
import { once } from 'node:events'
import { type IncomingMessage, type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { finished } from 'node:stream/promises'
import { Lingering } from '../../src/api/lingering.js'

const NEVER = 2 ** 31 - 1
const endless = { bytes: Infinity, time: NEVER, silence: NEVER }

describe('lingering', () => {
  let server: Server
  let socket: Socket
  let lingering: Lingering
  let request: IncomingMessage
  /** Resolves when the server has closed its end, however. */
  let closed: Promise<void>

  /** Serves refusals, and has a client begin a request of 1000 bytes. */
  async function begin(patience: object, connection = 'close'): Promise<void> {
    lingering = new Lingering({ ...endless, ...patience })
    server = createServer((req, res) => {
      request = req
      lingering.attend(req)
      res.writeHead(415).end('no')
    }).listen(0, '127.0.0.1')
    closed = new Promise((resolve) => {
      server.once('connection', (connection) => void connection.once('close', resolve))
    })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\nconnection: ${connection}\r\ncontent-length: 1000\r\n\r\nx`)
  }

  afterEach(async () => {
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  it('ends a connection at once, and closes it when the rest has come', async () => {
    await begin({})
    await once(socket.resume(), 'end')
    expect(request.socket.destroyed).toBe(false)
    socket.end('x'.repeat(999))
    await finished(socket)
    await closed
    expect(request.complete).toBe(true)
  })

  it('closes a connection whose client goes away', async () => {
    await begin({})
    await once(socket.resume(), 'end')
    socket.end()
    await closed
    expect(request.complete).toBe(false)
  })

  it('keeps a connection that is kept', async () => {
    await begin({}, 'keep-alive')
    await once(socket, 'data')
    socket.write(`${'x'.repeat(999)}GET / HTTP/1.1\r\nhost: a\r\n\r\n`)
    await once(socket, 'data')
    expect(request.method).toBe('GET')
  })

  it.each([
    ['says no more', { silence: 1 }, 'close'],
    ['takes too long', { time: 1 }, 'close'],
    ['takes too long on a connection that is kept', { time: 1 }, 'keep-alive'],
  ])('cuts off who %s', async (_, patience, connection) => {
    await begin(patience, connection)
    socket.on('error', () => undefined)
    await closed
    expect(request.complete).toBe(false)
  })

  it.each(['close', 'keep-alive'])('cuts off who sends too much (connection: %s)', async (connection) => {
    await begin({ bytes: 500 }, connection)
    await once(
      socket.on('error', () => undefined),
      'data',
    )
    socket.write('x'.repeat(501))
    await closed
    expect(request.complete).toBe(false)
  })

  it('closes what lingers when it is told to', async () => {
    await begin({})
    await once(socket.resume(), 'end')
    lingering.endAll()
    await closed
    expect(request.complete).toBe(false)
  })
})
