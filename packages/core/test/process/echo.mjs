/** A worker that answers every ping, or pings and waits for all the answers before it pings again. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WorkerEvents } from '../../bundle/index.js'
import { obey } from './orders.mjs'
import { randomFrom } from './random.mjs'

let bus

/** Resolves when so many have answered a ping. */
async function answered(round, count) {
  const arrival = new EventTarget()
  let missing = count
  const subscription = bus.subscribe('echo', 'pong', (answer) => {
    if (answer === round && --missing === 0) arrival.dispatchEvent(new Event('all'))
  })
  await once(arrival, 'all')
  subscription.unsubscribe()
}

obey({
  open(options) {
    bus = WorkerEvents.open({ zone: 'fleet', lifecycle: false, ...options })
  },
  answer() {
    bus.subscribe('echo', 'ping', (round) => bus.publish('echo', 'pong', round))
  },
  /** Pings so often, after pauses in which the others fall asleep at every possible moment. */
  async ping({ rounds, answers, seed }) {
    const random = randomFrom(seed)
    for (let round = 1; round <= rounds; round++) {
      const all = answered(`${seed}-${round}`, answers)
      bus.publish('echo', 'ping', `${seed}-${round}`)
      await all
      if (random() < 0.5) await delay(random() * 3)
    }
  },
})
