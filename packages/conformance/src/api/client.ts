/** A client of one server that asks one thing after another on one connection, and sees answers as they are. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Where endpoints are mounted in these suites. */
export const PATH = '/internal/worker-events'

/** A request. */
export interface Question {
  readonly method?: string
  /** Path and query; by default the endpoint's path and `query`. */
  readonly target?: string
  /** The query, with its question mark. */
  readonly query?: string
  readonly headers?: OutgoingHttpHeaders
  /** One piece goes with a `content-length`, several go in chunks. */
  readonly body?: string | Buffer | readonly (string | Buffer)[]
}

/** A response. */
export interface Answer {
  readonly status: number
  /** Those of the endpoint: what speaks of the connection or the clock is left out. */
  readonly headers: Record<string, string>
  readonly body: string
  /** True if it came over the connection of an earlier question. */
  readonly isReused: boolean
}

const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'date']

export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number
  readonly #ignored: readonly string[]

  /** @param ignored headers that a framework adds to all that it sends */
  constructor(server: Server, ignored: readonly string[] = []) {
    this.#port = (server.address() as AddressInfo).port
    this.#ignored = [...ofConnection, ...ignored]
  }

  async ask(question: Question = {}): Promise<Answer> {
    const { method = 'GET', query = '', target = PATH + query, headers = {}, body } = question
    // As bytes: with a text, Node would encode the headers as it does the body.
    const pieces = (body === undefined || !Array.isArray(body) ? [body ?? []].flat() : body) as (string | Buffer)[]
    const length = pieces.length === 1 ? { 'content-length': Buffer.byteLength(pieces[0]) } : {}
    const sent = { ...(pieces.length > 1 ? { 'transfer-encoding': 'chunked' } : length), ...headers }
    const { port, agent } = { port: this.#port, agent: this.#agent }
    const asking = request({ port, agent, host: '127.0.0.1', method, path: target, headers: sent })
    for (const piece of pieces) asking.write(Buffer.from(piece as string))
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const text = Buffer.concat((await response.toArray()) as Buffer[]).toString()
    const received = Object.entries(response.headers).filter(([name]) => !this.#ignored.includes(name))
    return {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(received) as Record<string, string>,
      body: text,
      isReused: asking.reusedSocket,
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}
