// Keeps the upstreams of all processes up to date: one asks the source, and tells the others what it says.
import { isDeepStrictEqual } from 'node:util'
import { WorkerEvents, defineEvents, event } from '@worker-events/core'

/** How often somebody asks, in milliseconds. */
const INTERVAL = 200

/** How long the source may take, in milliseconds. */
const PATIENCE = 1000

/** All but `refresh_failed` carry the whole list and its version, so that the newest is enough for whoever comes later. */
const upstreamEvents = defineEvents('upstreams', {
  snapshot_activated: event(),
  peer_draining: event(),
  peer_undrained: event(),
  refresh_failed: event(),
})
const changes = ['snapshot_activated', 'peer_draining', 'peer_undrained']

export class Refresher {
  #source
  #bus
  #upstreams
  #snapshot = { version: 0, peers: [] }
  #ticks
  #timer

  constructor(source, bus, upstreams) {
    this.#source = source
    this.#bus = bus
    this.#upstreams = upstreams
    bus.subscribe('upstreams', changes, ({ snapshot }) => this.#take(snapshot), { replay: 'all' })
    bus.poll()
  }

  /** Takes part in asking: of all processes that do, one asks at a time. Resolves when there is a list. */
  async start() {
    // Ticks have a ring of their own: in that of the changes they would in time overwrite what is worth keeping.
    this.#ticks = WorkerEvents.open({ zone: 'upstreams-refresh', uniqueTimeout: INTERVAL, lifecycle: false })
    this.#ticks.subscribe('refresh', () => this.#refresh())
    const tick = () => this.#ticks.publish('refresh', 'due', undefined, { unique: 'refresh' })
    tick()
    this.#timer = setInterval(tick, INTERVAL / 4)
    const arrivals = this.#bus.events({ channel: 'upstreams', replay: 'all' })
    while (this.#snapshot.version === 0) await arrivals.next()
    await arrivals.return()
  }

  /** Who has missed a change cannot wait for the next one. */
  async resync() {
    const { snapshot } = await this.#ask()
    if (snapshot !== undefined) this.#take(snapshot)
  }

  close() {
    clearInterval(this.#timer)
    this.#ticks?.close()
  }

  #take(snapshot) {
    if (snapshot.version > this.#snapshot.version) this.#snapshot = snapshot
    this.#upstreams.activate(this.#snapshot)
  }

  async #refresh() {
    const { snapshot, failure } = await this.#ask()
    if (this.#bus.closed) return
    // A refresh that took long may have been overtaken by the next.
    this.#bus.poll()
    if (failure !== undefined) this.#bus.publish(upstreamEvents.refresh_failed, { failure })
    else if (snapshot.version > this.#snapshot.version) this.#publish(snapshot)
  }

  #publish(snapshot) {
    const before = new Map(this.#snapshot.peers.map(({ url, draining }) => [url, draining]))
    const isSameSet = isDeepStrictEqual(new Set(before.keys()), new Set(snapshot.peers.map(({ url }) => url)))
    if (!isSameSet) {
      this.#bus.publish(upstreamEvents.snapshot_activated, { snapshot })
      return
    }
    for (const { url, draining } of snapshot.peers) {
      if (draining === before.get(url)) continue
      this.#bus.publish(draining ? upstreamEvents.peer_draining : upstreamEvents.peer_undrained, { url, snapshot })
    }
  }

  async #ask() {
    try {
      const response = await fetch(this.#source, { signal: AbortSignal.timeout(PATIENCE) })
      if (!response.ok) return { failure: `the source answered ${response.status}` }
      return { snapshot: await response.json() }
    } catch {
      return { failure: 'the source did not answer' }
    }
  }
}
