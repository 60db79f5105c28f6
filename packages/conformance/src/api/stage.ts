/** What each test has for itself: a zone, a bus on it, a server with the endpoint mounted, and a client. */
import type { Server } from 'node:http'
import {
  type ApiOptions,
  type OpenOptions,
  WorkerEvents,
  type ZoneBufferOptions,
  createZoneBuffer,
} from '@worker-events/core'
import { Client } from './client.js'

/** A server that serves an endpoint. */
export interface Mounted {
  readonly server: Server
  /** Closes it the way its framework closes, live tails included; the bus stays open. */
  close(): Promise<void>
}

/** Serves the endpoint of a bus at a free port of 127.0.0.1. */
export type Mount = (bus: WorkerEvents, options: ApiOptions, at?: { exclusive?: boolean }) => Promise<Mounted>

/** Headers that a framework adds to all that it sends. */
export interface Peculiarities {
  readonly headers?: readonly string[]
}

/** What is special about a test's stage. */
export interface Setting {
  readonly zone?: ZoneBufferOptions
  readonly bus?: Partial<OpenOptions>
  readonly api?: Partial<ApiOptions>
}

export const CHANNEL = 'cache.invalidate'

export class Stage {
  readonly memory: SharedArrayBuffer
  readonly bus: WorkerEvents
  /** What was reported to the bus's `onError`. */
  readonly reported: unknown[] = []
  readonly #others: WorkerEvents[] = []
  readonly #clients: Client[] = []
  #mounted: Mounted | undefined

  private constructor(setting: Setting) {
    this.memory = createZoneBuffer({ zone: 'bus', ringSize: 8, entryPayload: 64, ...setting.zone })
    this.bus = this.open(setting.bus)
  }

  static async set(mount: Mount, setting: Setting, peculiarities: Peculiarities): Promise<Stage> {
    const stage = new Stage(setting)
    stage.#mounted = await mount(stage.bus, { channel: CHANNEL, ...setting.api })
    stage.#ignored = peculiarities.headers ?? []
    return stage
  }

  #ignored: readonly string[] = []

  get server(): Server {
    return this.mounted.server
  }

  get mounted(): Mounted {
    if (this.#mounted === undefined) throw new Error('nothing is mounted')
    return this.#mounted
  }

  /** Another handle on the zone. */
  open(options: Partial<OpenOptions> = {}): WorkerEvents {
    const onError = (error: unknown): void => void this.reported.push(error)
    const bus = WorkerEvents.open({ lifecycle: false, onError, ...options, zone: this.memory })
    this.#others.push(bus)
    return bus
  }

  client(): Client {
    const client = new Client(this.server, this.#ignored)
    this.#clients.push(client)
    return client
  }

  async clear(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.#mounted?.close()
    for (const bus of this.#others) bus.close()
  }
}

/** Resolves once a condition holds; one that never does fails the test by its time limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2))
}
