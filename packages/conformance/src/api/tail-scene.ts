/** What each test of the live tail has for itself: a stage, and the clients that follow it. */
import type { Agent, Server } from 'node:http'
import { type Shown, eventBody } from './documents.js'
import { CHANNEL, type Mount, type Peculiarities, type Setting, Stage } from './stage.js'
import { type Frame, TailReader } from './tail-reader.js'

export class TailScene {
  readonly #mount: Mount
  readonly #peculiarities: Peculiarities
  readonly #readers: TailReader[] = []
  #stage: Stage | undefined

  constructor(mount: Mount, peculiarities: Peculiarities) {
    this.#mount = mount
    this.#peculiarities = peculiarities
  }

  async set(setting: Setting = {}): Promise<void> {
    this.#stage = await Stage.set(this.#mount, setting, this.#peculiarities)
  }

  async clear(): Promise<void> {
    for (const reader of this.#readers.splice(0)) reader.vanish()
    await this.#stage?.clear()
    expect(this.#stage?.reported).toEqual([])
  }

  get stage(): Stage {
    if (this.#stage === undefined) throw new Error('the stage is not set')
    return this.#stage
  }

  get server(): Server {
    return this.stage.server
  }

  /** @param agent keeps the connection, if it may */
  async follow(query?: string, lastEventId?: string, agent?: Agent): Promise<TailReader> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const reader = await TailReader.open(this.server, query, headers, agent)
    this.#readers.push(reader)
    return reader
  }

  /** Publishes one event for each payload. */
  publish(...payloads: unknown[]): void {
    for (const payload of payloads) this.stage.bus.publish(CHANNEL, 'purged', payload)
  }

  /** Publishes more than any connection holds, without waiting for anybody who reads. */
  async flood(events: number, meanwhile: () => void = () => undefined): Promise<void> {
    const payload = 'x'.repeat(2 ** 14 - 16)
    for (let n = 1; n <= events; n++) {
      this.publish(payload)
      if (n % 16 > 0) continue
      await new Promise((resolve) => setImmediate(resolve))
      meanwhile()
    }
  }

  /** The frame of an event. */
  frameOf(shown: Shown): Frame {
    const { generation, type = 'purged' } = shown
    return { id: String(generation), event: type, data: eventBody(this.stage.bus, shown) }
  }

  /** The frames of events whose payloads are their generations. */
  framesOf(...generations: number[]): Frame[] {
    return generations.map((generation) => this.frameOf({ generation, payload: String(generation) }))
  }

  countConnections(): Promise<number> {
    return new Promise((resolve) => this.server.getConnections((_, count) => resolve(count)))
  }
}

/** The frame of a loss. */
export function missedFrame(from: number, to: number): Frame {
  return { event: 'missed', data: `{"from":${from},"to":${to},"count":${to - from + 1}}` }
}
