/**
 * The live tail of one client, as server-sent events.
 *
 * It is a stream that is read at the client's pace: nothing is taken from the ring before the client's socket has room.
 * Until it is read for the first time it holds nothing that somebody would have to let go.
 */
import { Readable } from 'node:stream'
import { storedEventDocument } from '../document.js'
import type { Missed } from '../event.js'
import type { Observer, Session } from '../session.js'
import type { StoredEvent } from '../snapshot.js'
import type { Follower } from './follower.js'
import type { OpenTails } from './open-tails.js'

/** Tells the client that it is connected, and a proxy that the connection is alive. */
const COMMENT = ':\n\n'

/** Characters that go out in one piece, if there are so many. */
const PIECE = 16 * 1024

/** Steps along the ring before others have their turn. */
const BATCH = 512

/** How long a client that stopped reading may hold up the end, in milliseconds. */
const PATIENCE = 1000

export class LiveTail implements Observer {
  /** To be piped to the client. */
  readonly stream: Readable
  readonly #session: Session
  readonly #follower: Follower
  readonly #open: OpenTails
  #stopObserving: (() => void) | undefined
  #hasRoom = false
  #isScheduled = false
  #isEnded = false
  #patience: NodeJS.Timeout | undefined

  constructor(session: Session, follower: Follower, open: OpenTails) {
    this.#session = session
    this.#follower = follower
    this.#open = open
    this.stream = new Readable({ read: this.#read, destroy: this.#destroy, highWaterMark: PIECE })
  }

  /** Sends a comment, if the client takes what it gets. */
  beat(): void {
    if (this.stream.readableLength === 0) this.#push(COMMENT)
  }

  advanced(): void {
    this.#send()
  }

  closed(): void {
    this.end()
  }

  /** Ends the stream: cleanly, if the client takes what is left within a moment; else by cutting it off. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (this.#hasRoom) {
      this.stream.push(null)
      this.#patience = setTimeout(this.#cut, PATIENCE).unref()
    } else {
      this.#cut()
    }
  }

  /** With an error: a stream that is empty and over would pass for read to its end, and the connection stay open. */
  readonly #cut = (): void => {
    this.stream.destroy(Object.assign(new Error('the client does not read'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
  }

  readonly #read = (): void => {
    this.#hasRoom = true
    if (this.#stopObserving === undefined) this.#start()
    this.#send()
  }

  #start(): void {
    this.#stopObserving = this.#session.observe(this)
    this.#open.add(this)
    this.#push(COMMENT)
    if (this.#session.isClosed) this.end()
  }

  readonly #destroy = (error: Error | null, callback: (error: Error | null) => void): void => {
    this.#isEnded = true
    clearTimeout(this.#patience)
    this.#stopObserving?.()
    this.#open.delete(this)
    callback(error)
  }

  #send(): void {
    if (!this.#hasRoom || this.#isScheduled || this.#isEnded) return
    let text = ''
    for (let steps = 0; text.length < PIECE; steps++) {
      const step = steps < BATCH ? this.#follower.step() : this.#schedule()
      if (step === 'none') break
      if (step !== 'passed') text += 'event' in step ? eventFrame(step.event) : missedFrame(step.missed)
    }
    if (text !== '') this.#push(text)
  }

  #push(text: string): void {
    if (this.#hasRoom && !this.#isEnded) this.#hasRoom = this.stream.push(text)
  }

  #schedule(): 'none' {
    this.#isScheduled = true
    setImmediate(this.#goOn)
    return 'none'
  }

  readonly #goOn = (): void => {
    this.#isScheduled = false
    this.#send()
  }
}

/** One event. A line break would end its field, so a type shows a space there; the data have it exact. */
function eventFrame(event: StoredEvent): string {
  const type = event.type.replace(/\r\n|\r|\n/g, ' ')
  return `id: ${event.generation}\nevent: ${type}\ndata: ${storedEventDocument(event)}\n\n`
}

function missedFrame({ from, to, count }: Missed): string {
  return `event: missed\ndata: ${JSON.stringify({ from, to, count })}\n\n`
}
