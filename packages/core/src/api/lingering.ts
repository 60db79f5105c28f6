/**
 * Lingering: what becomes of a connection whose request was answered before all of it had come, as are most that are
 * refused. The answer goes out at once; the rest of the request is let run into nothing, as the client may hear of its
 * answer only when it has written all. That is bounded, or who writes for ever would hold the connection for ever.
 *
 * So it is with a live tail, too: beneath a body that nobody reads, nobody would notice that the client has gone.
 *
 * A connection that is not kept, Node closes with the answer. What the client still writes then resets it, and the answer
 * may be lost. So such a connection is ended, but read on until the request is over (nginx: `lingering_close`).
 */
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { declaresBody } from './request.js'

/** How long a client is listened to that was answered. Times are those of nginx. */
interface Patience {
  /** What the connection may bring yet. */
  readonly bytes: number
  /** Milliseconds in all. */
  readonly time: number
  /** Milliseconds in which nothing comes, on a connection that has ended; for one that is kept, Node has a limit. */
  readonly silence: number
}

const PATIENCE: Patience = { bytes: 2 ** 26, time: 30_000, silence: 5000 }

/** Those connections of one endpoint that linger. */
export class Lingering {
  readonly #patience: Patience
  /** How each of those that have ended is closed. */
  readonly #closings = new Set<() => void>()

  constructor(patience = PATIENCE) {
    this.#patience = patience
  }

  /** Has the connection of a request linger if need be. To be called before the answer is sent. */
  attend(request: Readable): void {
    // Others have no connection of their own, or no body that anybody waits for.
    if (!(request instanceof IncomingMessage) || !declaresBody(request) || request.complete) return
    const { socket } = request
    this.#limit(request, socket)
    // By this, Node closes a connection once an answer after which it is not kept was written.
    socket.destroySoon = () => {
      Reflect.deleteProperty(socket, 'destroySoon')
      if (request.complete) socket.destroySoon()
      else this.#linger(request, socket)
    }
    request.once('close', () => Reflect.deleteProperty(socket, 'destroySoon'))
  }

  /** Closes all at once, so that a server can close. */
  endAll(): void {
    for (const close of this.#closings) close()
  }

  #limit(request: IncomingMessage, socket: Socket): void {
    const most = socket.bytesRead + this.#patience.bytes
    const timer = setTimeout(() => socket.destroy(), this.#patience.time).unref()
    request.on('data', () => {
      if (socket.bytesRead > most) socket.destroy()
    })
    request.once('close', () => clearTimeout(timer))
  }

  #linger(request: IncomingMessage, socket: Socket): void {
    const close = (): void => {
      this.#closings.delete(close)
      socket.destroySoon()
    }
    this.#closings.add(close)
    // Whether all of it came, or the client has gone.
    request.once('close', close)
    socket.setTimeout(this.#patience.silence, () => socket.destroy())
    socket.end()
  }
}
