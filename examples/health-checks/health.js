// What is known of the health of some services: one process probes them, and tells all when it changes.
import { setTimeout } from 'node:timers/promises'
import { WorkerEvents, defineEvents, event } from '@worker-events/core'

/** How often somebody probes, in milliseconds. */
const INTERVAL = 300

/** How long a service may take to answer a probe, in milliseconds. */
const PATIENCE = 1000

/** When a probe that failed is repeated, in milliseconds. */
const RETRY = 30

/** A transition says how all services are, so that the newest one is enough for whoever comes later. */
const health = defineEvents('health', { transition: event() })

export class Health {
  /** By the name of the service. */
  states = {}
  #bus
  #services
  #rounds

  /** @param services URLs to probe, by name */
  constructor(bus, services) {
    this.#bus = bus
    this.#services = services
    bus.subscribe(health.transition, ({ states }) => (this.states = states), { replay: 'all' })
    // What was published before this process started, before it answers anything.
    bus.poll()
  }

  /** Takes part in probing: of all processes that do, one probes at a time; if it dies, another does. */
  takeTurns() {
    // Rounds have a ring of their own: in that of the transitions they would in time overwrite what is worth keeping.
    this.#rounds = WorkerEvents.open({ zone: 'health-rounds', uniqueTimeout: INTERVAL, lifecycle: false })
    this.#rounds.subscribe('round', (_, { generation }) => this.#probeAll(generation))
    const publish = () => this.#rounds.publish('round', 'due', undefined, { unique: 'round' })
    this.timer = setInterval(publish, INTERVAL / 3)
  }

  close() {
    clearInterval(this.timer)
    this.#rounds?.close()
  }

  async #probeAll(round) {
    const found = await Promise.all(
      Object.entries(this.#services).map(async ([name, url]) => [
        name,
        (await isHealthy(url, round)) ? 'healthy' : 'unhealthy',
      ]),
    )
    // It may have been closed meanwhile.
    if (this.#bus.closed) return
    // A round that took long may have been overtaken by the next: what that found out is not said again.
    this.#bus.poll()
    let { states } = this
    for (const [service, to] of found) {
      const from = states[service] ?? 'unknown'
      if (from === to) continue
      states = { ...states, [service]: to }
      this.#bus.publish(health.transition, { service, from, to, states })
    }
  }
}

/** A single failure may be an accident; two in a row are not. */
async function isHealthy(url, round) {
  return (await answers(url, round)) || (await setTimeout(RETRY), answers(url, round))
}

function answers(url, round) {
  const headers = { 'x-round': round, 'x-prober': process.pid }
  return fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) }).then(
    async (response) => (await response.text(), response.ok),
    () => false,
  )
}
