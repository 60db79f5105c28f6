/**
 * Simulations: players share one zone under a plan, which says what each publishes and at which step of the whole run who
 * is held back, dies, or has the clock jump. The same plan gives the same run.
 */
import { URL } from 'node:url'
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { Baton, CONTROL_BYTES, Order, Status, Stuck, UMPIRE } from './baton.mjs'
import { judge } from './judgement.mjs'

const SETTINGS = { pollInterval: 100, uniqueTimeout: 100, waitMax: 100, publishRetries: 20 }

/** Players that are ready for one run after the other. */
export class Simulation {
  #workers
  #baton
  #core
  #isStuck = false
  /** How often each fault point was passed in all runs. */
  passed = {}
  runs = 0
  steps = 0

  constructor(workers, baton, core) {
    this.#workers = workers
    this.#baton = baton
    this.#core = core
  }

  /** @param build directory of a fault build */
  static async open(build, players = 5) {
    const core = {
      ...(await import(`${build}/region/shared.js`)),
      ...(await import(`${build}/region/zone.js`)),
      ...(await import(`${build}/registry.js`)),
      layout: await import(`${build}/layout.js`),
    }
    const control = new SharedArrayBuffer(CONTROL_BYTES)
    new Int32Array(control).fill(UMPIRE, 0, 1)
    const baton = new Baton(control, UMPIRE)
    baton.reset({ priorities: [], turns: [], seed: 0, walk: 0 })
    const workers = Array.from({ length: players }, (_, self) => startPlayer({ build, control, self }))
    await Promise.all(workers.map(({ ready }) => ready))
    return new Simulation(workers, baton, core)
  }

  async close() {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()))
  }

  /** Carries a plan out; what it violated, in words. */
  run(plan) {
    if (this.#isStuck) return []
    try {
      return this.#run(plan)
    } catch (error) {
      if (!(error instanceof Stuck)) throw error
      // A player that never comes to its next fault point cannot be stopped: this was the last run.
      this.#isStuck = true
      return [error.message]
    }
  }

  #run(plan) {
    const { capacity, firstLap, scripts, turns, holds, seed, walk } = plan
    const dimensions = { ringSize: capacity, entryPayload: 16, maxWorkers: 8, uniqueKeys: 4, overflow: plan.overflow }
    const memory = this.#core.createSharedMemory('proof', dimensions, firstLap)
    this.#baton.reset({ priorities: plan.priorities, turns, seed, walk })
    const players = scripts.map((script, player) => {
      this.#baton.setStatus(player, Status.RUNNABLE)
      return { player, ...this.#workers[player], script, holds: holds.filter((hold) => hold.player === player) }
    })
    for (const { port, script, holds } of players) port.postMessage({ memory, settings: SETTINGS, script, holds })
    this.#baton.pass()
    const atRest = this.#rest(memory, players)
    // What the bell has lost the slow poll finds, so that comes after the look at who sleeps.
    for (let tick = 0; tick < 3 && !this.#baton.isEndless; tick++) this.#tick(players)
    const afterPoll = this.#rest(memory, players)
    const logs = players.map((each) => this.#end(each))
    this.runs++
    this.steps += this.#baton.steps
    const isEndless = this.#baton.isEndless
    const held = isEndless ? [] : this.#heldSlots(memory, logs)
    return judge({
      logs,
      atRest,
      afterPoll,
      isEndless,
      held,
      capacity,
      rejects: plan.overflow === 'reject',
      life: SETTINGS.uniqueTimeout,
    })
  }

  /** Now that nobody has anything left to do: the next generation to be drawn, and what each player would read next. */
  #rest(memory, players) {
    const zone = new this.#core.Zone(memory)
    return { head: zone.publicOf(zone.head()), cursors: players.map(({ player }) => this.#baton.cursorOf(player)) }
  }

  /** Slots that are held although no holder is in the midst of a publish: by the living, and by all once heirs came. */
  #heldSlots(memory, logs) {
    const { SharedRegion, Zone, join, layout } = this.#core
    const { states } = new Zone(memory)
    const deadPlaces = logs.filter(({ isDead }) => isDead).map(({ place }) => place)
    const holders = () => Array.from(states).filter(layout.isHeld).map(layout.ownerIn)
    const byLiving = holders().filter((place) => !deadPlaces.includes(place))
    const region = new SharedRegion(memory)
    region.take = (place) => deadPlaces.splice(deadPlaces.indexOf(place) >>> 0, 1).length > 0
    while (deadPlaces.length > 0 && join(region) !== undefined);
    return [...byLiving, ...holders()]
  }

  #tick(players) {
    this.#baton.advance(1000 * SETTINGS.pollInterval)
    for (const { player } of players) {
      if (this.#baton.isDead(player) || this.#baton.statusOf(player) === Status.ABSENT) continue
      this.#baton.give(player, Order.TICK)
      this.#baton.setStatus(player, Status.RUNNABLE)
    }
    this.#baton.pass()
  }

  #end({ player, port }) {
    const isDead = this.#baton.isDead(player)
    this.#baton.give(player, Order.END)
    this.#baton.passTo(player)
    const { log, passed } = receiveMessageOnPort(port).message
    for (const [point, count] of Object.entries(passed)) this.passed[point] = (this.passed[point] ?? 0) + count
    return { ...log, player, isDead }
  }
}

function startPlayer({ build, control, self }) {
  const { port1, port2 } = new MessageChannel()
  const workerData = { build, control, port: port2, self }
  const worker = new Worker(new URL('player.mjs', import.meta.url), { workerData, transferList: [port2] })
  const ready = new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { worker, port: port1, ready }
}
