/** A client of the live tail that sees the very bytes, and reads them only when it is told to. */
import { once } from 'node:events'
import { type Agent, type IncomingMessage, type OutgoingHttpHeaders, get } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { PATH } from './client.js'
import { until } from './stage.js'

/** A frame of the stream: its fields by name. */
export type Frame = Record<string, string>

export class TailReader {
  /** All that came so far. */
  text = ''
  isOver = false
  readonly response: IncomingMessage

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('close', () => (this.isOver = true))
    // A connection that is cut off is over, too.
    response.on('error', () => (this.isOver = true))
  }

  /** Connects; the tail is followed from then on. @param agent keeps the connection, if it may */
  static async open(
    server: Server,
    query = '',
    headers: OutgoingHttpHeaders = {},
    agent: Agent | false = false,
  ): Promise<TailReader> {
    const { port } = server.address() as AddressInfo
    const sent = { accept: 'text/event-stream', ...headers }
    const request = get({ port, host: '127.0.0.1', path: PATH + query, headers: sent, agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return new TailReader(response)
  }

  /** Begins to read, or goes on. */
  read(): this {
    if (this.response.listenerCount('data') === 0) this.response.on('data', (text: string) => (this.text += text))
    this.response.resume()
    return this
  }

  /** Reads until so many frames have come, and gives them all. */
  async frames(count: number): Promise<Frame[]> {
    this.read()
    await until(() => this.parse().length >= count || this.isOver)
    return this.parse()
  }

  parse(): Frame[] {
    const blocks = this.text.split('\n\n').slice(0, -1)
    return blocks
      .filter((block) => !block.startsWith(':'))
      .map((block) => {
        return Object.fromEntries(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
      })
  }

  async over(): Promise<void> {
    this.read()
    await until(() => this.isOver)
  }

  /** Goes without a word. */
  vanish(): void {
    this.response.destroy()
  }
}
