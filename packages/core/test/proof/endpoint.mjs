/**
 * The endpoint under attack: generated requests over a real socket, half requests, clients that vanish, everything
 * oversized. The server must live and answer.
 */
import fc from 'fast-check'
import http, { METHODS } from 'node:http'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { Stage, until } from './stage.mjs'

const PATH = '/worker_events_api'
const PATIENCE = 5000
/** Cases before memory is looked at for the first time: code is compiled, and caches fill. */
const WARM_UP = 500
/** Bytes by which the heap may have grown since: caches go on filling, slower and slower. A leaked request has kilobytes. */
const slackFor = (cases) => 200_000 + 200 * cases

const word = fc.string({ minLength: 0, maxLength: 40 })
const headerName = fc.constantFrom(
  'accept',
  'content-type',
  'authorization',
  'last-event-id',
  'if-none-match',
  'x-any',
  'origin',
)
const headerValue = fc.oneof(
  fc.constantFrom(
    'text/event-stream',
    'application/json',
    'text/html;q=0.5',
    '*/*',
    'application/x-www-form-urlencoded',
    '-1',
    '9'.repeat(400),
  ),
  word.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')),
)
const parameter = fc.tuple(
  fc.oneof(fc.constantFrom('channel', 'type', 'since', 'limit', 'key', 'unique', 'format', 'replay', 'payload'), word),
  fc.oneof(
    word,
    fc.constantFrom('-1', '0', '1e309', 'NaN', '%', '%00', '*', 'a.*', '\u0000', '9'.repeat(30)),
    fc.integer().map(String),
  ),
)
const query = fc.array(parameter, { maxLength: 5 }).map((pairs) => {
  return pairs
    .map(
      ([name, value]) => `${name.replace(/[^\x21-\x7e]/g, '%zz')}=${encodeURIComponent(value.toWellFormed?.() ?? '')}`,
    )
    .join('&')
})
const small = fc.oneof(
  fc.constant(''),
  fc.json(),
  fc
    .record({ channel: fc.anything(), type: fc.anything(), payload: fc.anything(), unique: fc.anything() })
    .map((value) => jsonOf(value)),
  fc.record({ channel: word, type: word, payload: fc.jsonValue() }).map((value) => JSON.stringify(value)),
  word,
)

const oversized = fc.constant('x'.repeat(3_000_000))
const body = fc.oneof({ weight: 40, arbitrary: small }, { weight: 1, arbitrary: oversized })

/** Requests, most of them nearly right. */
export const requests = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'BREW'),
  path: fc.oneof({ weight: 8, arbitrary: fc.constant('') }, fc.constantFrom('/', '//', '/..', '/%2e%2e', '/x', '/\\')),
  query,
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 5 }),
  body,
  /** Part of the request that is sent before the client vanishes; 1 is all. */
  part: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 0.99, noNaN: true })),
})

function jsonOf(value) {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '{'
  }
}

function wireOf({ method, path, query: text, headers, body: content }) {
  const bytes = Buffer.from(content)
  const lines = [
    `${method} ${PATH}${path}${text === '' ? '' : `?${text}`} HTTP/1.1`,
    'host: localhost',
    'connection: close',
  ]
  lines.push(...headers.map(([name, value]) => `${name}: ${value}`), `content-length: ${bytes.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

/** Sends a request, or the beginning of one; the status of the answer, 0 if there was none. */
function send(port, request) {
  return new Promise((resolve) => {
    const wire = wireOf(request)
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('silence')))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      // A live tail goes on for ever; what matters is that it has begun.
      if (answer.includes('\r\n\r\n') && answer.includes('text/event-stream')) socket.destroy()
    })
    socket.on('error', (error) => (answer ||= error.message === 'silence' ? 'silence' : ''))
    socket.on('close', () => resolve(answer === 'silence' ? -1 : Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)))
    if (request.part === 1) socket.write(wire)
    else socket.write(wire.subarray(0, Math.floor(wire.length * request.part)), () => socket.destroy())
  })
}

function healthy(port) {
  return new Promise((resolve) => {
    const request = http.get(
      { port, host: '127.0.0.1', path: PATH, agent: false, headers: { accept: 'application/json' } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 200))
      },
    )
    request.setTimeout(PATIENCE, () => request.destroy()).on('error', () => resolve(false))
  })
}

/** True if Node's parser refuses the method: it closes the connection under what is still sent, and the answer may be lost. */
function mayLoseAnswer({ method }) {
  return !METHODS.includes(method)
}

/** What a server holds once nobody is connected to it any more. */
async function settled(server) {
  let holdings
  await until('every connection is closed', async () => {
    holdings = await server.order('holdings')
    return holdings.connections === 0
  })
  return holdings
}

function growth(before, after, slack) {
  const violations = []
  if (after.heap > before.heap + slack) violations.push(`the heap grew from ${before.heap} to ${after.heap} bytes`)
  if (after.descriptors !== before.descriptors)
    violations.push(`descriptors went from ${before.descriptors} to ${after.descriptors}`)
  return violations
}

/** Attacks a server process with so many requests; what it violated. */
export async function attack({ build, seed, cases }) {
  const stage = new Stage()
  const server = stage.process()
  try {
    const open = { zone: 'endpoint', ringSize: 64, entryPayload: 256, maxWorkers: 4, uniqueKeys: 16 }
    const port = await server.order('begin', { build, seed, number: 1, open, entrance: 'serve' })
    const statuses = {}
    const began = performance.now()
    const property = fc.asyncProperty(requests, async (request) => {
      const status = await send(port, request)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (server.hasEnded) throw new Error('the server has ended')
      if (status === -1) throw new Error('the server gave no answer')
      if (status === 0 && request.part === 1 && !mayLoseAnswer(request))
        throw new Error('the server closed the connection without an answer')
      if (status >= 500) throw new Error('the server failed')
    })
    await fc.check(property, { numRuns: WARM_UP, seed: seed + 1 })
    const before = await settled(server)
    const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: cases, seed })
    const violations = failed ? [`${errorInstance.message}: ${JSON.stringify(counterexample[0]).slice(0, 2000)}`] : []
    if (!(await healthy(port)))
      return { violations: [...violations, `the server is dead: ${server.stderr}`], figures: {} }
    const after = await settled(server)
    const milliseconds = Math.round(performance.now() - began)
    const figures = { cases, milliseconds, heap: before.heap, heapGrowth: after.heap - before.heap, statuses }
    return { violations: [...violations, ...growth(before, after, slackFor(cases))], figures }
  } finally {
    await stage.clear()
  }
}
