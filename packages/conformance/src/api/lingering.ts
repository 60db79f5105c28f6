/** Clients that are answered before they have sent all that they announced. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { finished } from 'node:stream/promises'
import { PATH } from './client.js'
import { errorBody } from './documents.js'
import { type Mount, type Peculiarities, Stage, until } from './stage.js'

const api = { publishKey: 'seven', bodyLimit: 1000 }
const json = 'content-type: application/json'
const bearer = 'authorization: Bearer seven'

/** Requests that are answered early: beginning, status, and what the answer ends with. */
const rows = [
  [
    'POST',
    'content-type: text/plain',
    415,
    errorBody('content-type must be application/json', 'ERR_UNSUPPORTED_MEDIA_TYPE'),
  ],
  ['POST', json, 401, errorBody('unauthorized: invalid publish key', 'ERR_UNAUTHORIZED')],
  ['POST', `${json}\r\n${bearer}`, 413, errorBody('request body too large', 'ERR_BODY_TOO_LARGE')],
  ['PUT', json, 405, errorBody('method not allowed', 'ERR_METHOD_NOT_ALLOWED')],
  ['GET', json, 200, '}'],
  ['HEAD', json, 200, '\r\n\r\n'],
] as const

type Row = readonly [method: string, headers: string, status: number, end: string]

/** More of them than sockets take at once. */
const PIECES = 80
const PIECE = Buffer.alloc(50_000, 'x')
const CHUNK = Buffer.concat([Buffer.from(`${PIECE.length.toString(16)}\r\n`), PIECE, Buffer.from('\r\n')])
const LAST_CHUNK = '0\r\n\r\n'

const ofLength = `content-length: ${PIECES * PIECE.length}`
const inChunks = 'transfer-encoding: chunked'

function head([method, headers]: Row, framing: string, connection = 'close'): string {
  return `${method} ${PATH} HTTP/1.1\r\nhost: a\r\nconnection: ${connection}\r\n${headers}\r\n${framing}\r\n\r\n`
}

/** Writes, and waits until it has left this process. */
async function write(socket: Socket, piece: string | Buffer, count = 1): Promise<void> {
  for (let left = count; left > 0; left--) {
    await new Promise<void>((resolve, reject) => {
      socket.write(piece, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** All that comes until the server has said all. */
async function read(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  await once(socket, 'end')
  return text
}

/** What a client does between dialling and hanging up; the answer it got. None of them looks for it earlier than that. */
const clients: Record<string, (socket: Socket, row: Row) => Promise<string>> = {
  async 'has written all of a body before it reads'(socket, row) {
    await write(socket, head(row, ofLength))
    await write(socket, PIECE, PIECES)
    return read(socket)
  },
  async 'has written all of its chunks before it reads'(socket, row) {
    await write(socket, head(row, inChunks))
    await write(socket, CHUNK, PIECES)
    await write(socket, LAST_CHUNK)
    return read(socket)
  },
  async 'writes so slowly that it has read all before half of its body is written'(socket, row) {
    await write(socket, head(row, ofLength))
    await write(socket, PIECE)
    const answer = await read(socket)
    await write(socket, PIECE, PIECES - 1)
    return answer
  },
  async 'has read all before half of its chunks are written'(socket, row) {
    await write(socket, head(row, inChunks))
    await write(socket, CHUNK)
    const answer = await read(socket)
    await write(socket, CHUNK, PIECES - 1)
    await write(socket, LAST_CHUNK)
    return answer
  },
}

export function testLingering(mount: Mount, peculiarities: Peculiarities): void {
  let stage: Stage
  let socket: Socket
  beforeEach(async () => {
    stage = await Stage.set(mount, { bus: { pollInterval: 0 }, api }, peculiarities)
    // Half open: it may write on when the server has said all.
    const { port } = stage.server.address() as AddressInfo
    socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  })
  afterEach(async () => {
    socket.destroy()
    const count = (): Promise<number> =>
      new Promise((resolve) => stage.server.getConnections((_, connections) => resolve(connections)))
    await until(async () => (await count()) === 0)
    await stage.clear()
    expect(stage.reported).toEqual([])
  })

  testAnswers(() => socket)
  testEnds(() => socket)
}

function testAnswers(socket: () => Socket): void {
  describe.each(Object.entries(clients))('%s', (_, converse) => {
    it.each<Row>(rows)('gets its answer to %s with %j: %i', async (...row) => {
      const over = finished(socket())
      const conversation = converse(socket(), row).finally(() => socket().end())
      const [answer] = await Promise.all([conversation, over])
      const [, , status, end] = row
      expect(answer.slice(0, 13)).toBe(`HTTP/1.1 ${status} `)
      expect(answer.endsWith(end)).toBe(true)
    })
  })
}

function testEnds(socket: () => Socket): void {
  it('reads what comes with a question for a live tail', async () => {
    await write(socket(), head(['GET', 'accept: text/event-stream', 200, ''], ofLength))
    await once(socket(), 'data')
    await write(socket(), PIECE, PIECES)
  })

  it.each(['close', 'keep-alive'])('cuts off who writes for ever (connection: %s)', async (connection) => {
    let answer = ''
    socket()
      .setEncoding('utf8')
      .on('data', (piece: string) => (answer += piece))
    const cut = expect(finished(socket())).rejects.toThrow(/EPIPE|ECONNRESET/)
    await write(socket(), head(rows[0], inChunks, connection))
    while (!socket().destroyed) await write(socket(), CHUNK).catch(() => undefined)
    await cut
    expect(answer).toContain(rows[0][3])
  })
}
