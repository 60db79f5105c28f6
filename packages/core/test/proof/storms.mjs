/**
 * Storms: publishers and readers, processes and threads, on one ring. Most carry a fault: at a point drawn by lot they kill
 * or stop themselves. Beside that, somebody kills and stops them at random moments. Who dies is replaced.
 */
import fs from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { randomFrom } from '../process/random.mjs'
import { convict } from './conviction.mjs'
import { Stage, stateOf, until } from './stage.mjs'

/** Rings from one that is lapped at every burst to one that keeps what a storm's second brings. */
const RINGS = [8, 16, 64, 256]
const PLACES = 16
const CREW = 8
const LONGEST_STOP = 600

/** One storm in a fresh directory. */
class Storm {
  #stage = new Stage()
  #random
  #points
  #role
  #crew = []
  #number = 0
  #failures = []
  counts = { kills: 0, stops: 0, struckAtPoints: 0 }

  constructor({ build, seed, points }) {
    this.#random = randomFrom(seed)
    this.#points = points
    this.ring = this.#pick(RINGS)
    this.isOld = this.#random() < 0.25
    const open = { zone: 'storm', ringSize: this.ring, entryPayload: 64, maxWorkers: PLACES, uniqueKeys: 32 }
    const testimony = path.join(this.#stage.directory, 'testimony')
    fs.writeFileSync(testimony, '')
    this.#role = {
      build,
      seed,
      testimony,
      small: 60,
      large: Infinity,
      burst: 6,
      pause: 6,
      open: { ...open, waitMax: 20 },
    }
  }

  #pick(list) {
    return list[Math.floor(this.#random() * list.length)]
  }

  async #found() {
    if (!this.isOld) return
    const { zone, ringSize, entryPayload, maxWorkers, uniqueKeys } = this.#role.open
    const dimensions = { ringSize, entryPayload, maxWorkers, uniqueKeys, overflow: 'overwrite' }
    const founder = this.#stage.process()
    const firstLap = Math.floor(2 ** 50 / ringSize) - 2
    await founder.order('found', {
      build: this.#role.build,
      directory: this.#stage.directory,
      zone,
      firstLap,
      dimensions,
    })
    await founder.kill()
  }

  /** Someone of the crew; the first two carry no fault and are left alone, so that somebody tells the story. */
  #enlist(index) {
    const isSafe = index < 2
    const actor = index % 4 === 3 ? this.#stage.thread() : this.#stage.process()
    actor.isThread = index % 4 === 3
    const blow = actor.isThread ? 'terminate' : this.#random() < 0.6 ? 'kill' : 'stop'
    const fault = { point: this.#pick(this.#points), pass: 1 + Math.floor(this.#random() * 40), blow }
    const hasFault = !isSafe && this.#random() < 0.8
    actor.number = ++this.#number
    actor.isWitness = true
    const role = { ...this.#role, number: actor.number, ...(hasFault ? { fault } : {}) }
    actor.begun = actor.order('begin', role).then(
      () => (actor.isBegun = true),
      () => false,
    )
    this.#crew[index] = actor
  }

  /** Replaces the dead, wakes those who stand, and strikes someone. */
  async #stir() {
    for (const [index, actor] of this.#crew.entries()) {
      if (actor.isStruck) await actor.kill()
      if (actor.hasEnded) {
        if (!actor.isThread && actor.how !== 'SIGKILL')
          this.#failures.push(`actor ${actor.number} ended: ${actor.stderr}`)
        this.counts.struckAtPoints++
        this.#enlist(index)
      } else if (!actor.isThread && stateOf(actor.pid) === 'T') {
        if (actor.isWitness) this.counts.struckAtPoints++
        actor.isWitness = false
        if (this.#random() < 0.1) process.kill(actor.pid, 'SIGCONT')
      }
    }
    const index = 2 + Math.floor(this.#random() * (CREW - 2))
    const actor = this.#crew[index]
    const lot = this.#random()
    if (!actor.isBegun) return
    if (lot < 0.1) {
      this.counts.kills++
      await actor.kill()
      this.#enlist(index)
    } else if (lot < 0.3 && !actor.isThread && !actor.hasEnded) {
      this.counts.stops++
      actor.isWitness = false
      process.kill(actor.pid, 'SIGSTOP')
      await delay(this.#random() * LONGEST_STOP)
      if (!actor.hasEnded) process.kill(actor.pid, 'SIGCONT')
    }
  }

  async rage(milliseconds) {
    await this.#found()
    for (let index = 0; index < CREW; index++) this.#enlist(index)
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      await delay(this.#random() * 60)
      await this.#stir()
    }
    const logs = await this.#calm()
    const executed = fs.readFileSync(this.#role.testimony, 'utf8').split('\n').filter(Boolean).map(Number)
    const violations = convict(logs, { executed, ring: this.ring, isDueAlways: false })
    const published =
      Math.max(0, ...logs.flatMap(({ received }) => received.at(-1)?.[0] ?? 0)) -
      Math.min(...logs.map(({ start }) => start))
    const received = logs.reduce((sum, log) => sum + log.received.length, 0)
    return { violations: [...this.#failures, ...violations, ...(await this.#remains())], published, received }
  }

  /** Stops the publishing; what those tell who lived to the end. */
  async #calm() {
    const logs = []
    await Promise.all(this.#crew.map(quiet))
    await until('all have read everything', async () => {
      const counts = await Promise.all(this.#crew.map((actor) => answerOf(actor, 'unread')))
      return counts.every((count) => count === false || count === 0)
    })
    for (const actor of this.#crew) {
      const log = await answerOf(actor, 'log')
      if (log !== false) logs.push(actor.isWitness ? log : { ...log, longest: 0, start: Infinity })
    }
    return logs
  }

  async #remains() {
    const [witness, ...others] = this.#crew
    await Promise.all(others.map((actor) => actor.kill()))
    const { count, code } = await witness.order('sweep')
    const holders = await witness.order('holders')
    const violations = holders.length > 0 ? [`slots are held by places ${holders.join(', ')}`] : []
    if (count !== PLACES - 1) violations.push(`${count} places are free at the end, then ${code}`)
    return violations
  }

  async clear() {
    await this.#stage.clear()
  }
}

/** Has an actor publish no more; one that stands is woken, and one that cannot be woken is left alone. */
async function quiet(actor) {
  await Promise.race([actor.begun, struck(actor)])
  await until('the actor is quiet', async () => {
    if (actor.hasEnded || actor.isStruck) return true
    if (!actor.isThread && stateOf(actor.pid) === 'T') process.kill(actor.pid, 'SIGCONT')
    const asked = actor.order('quiet').then(
      () => true,
      () => false,
    )
    return Promise.race([asked, struck(actor)])
  })
}

/** The answer to an order; false from one that has come to its fault. */
async function answerOf(actor, order) {
  if (actor.hasEnded || actor.isStruck) return false
  return Promise.race([actor.order(order), struck(actor)]).catch(() => false)
}

/** Resolves, to false, for one that has come to its fault, and will not answer. */
async function struck(actor) {
  while (!actor.hasEnded && !actor.isStruck && (actor.isThread || stateOf(actor.pid) !== 'T')) await delay(20)
  return false
}

/** One storm; what it violated, and its figures. */
export async function storm({ milliseconds, ...options }) {
  const one = new Storm(options)
  try {
    const { violations, published, received } = await one.rage(milliseconds)
    return { violations, figures: { ring: one.ring, isOld: one.isOld, ...one.counts, published, received } }
  } finally {
    await one.clear()
  }
}
