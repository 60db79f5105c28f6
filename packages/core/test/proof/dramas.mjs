/**
 * Dramas: two survivors publish and read without a pause; a victim joins them, and is struck at one fault point of its
 * life: killed, stopped until the ring was lapped twice, or, a thread, terminated. Then the survivors are called as
 * witnesses.
 */
import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { Stage, stateOf, until } from './stage.mjs'
import { convict } from './conviction.mjs'

const RING = 64
const PLACES = 6
export const OPEN = { zone: 'drama', ringSize: RING, entryPayload: 64, maxWorkers: PLACES, uniqueKeys: 32 }
const SETTINGS = { waitMax: 20, uniqueTimeout: 200 }

/** What the victim must be told, besides to live, for some points to be reached. */
const PROMPTS = [
  [/^(leave|attach|join)\./, 'rejoin'],
  [/^zone\./, 'replaceZones'],
]

/** Blows that end when the pause file of the struck one is gone. */
const HELD = ['break', 'collect', 'freeze']

/** Points that are only reached beside a publisher that stands in the midst of a publish. */
const BESIDE_A_FOIL = /^(slot\.(judging|voiding)|write\.(abandoning|abandoned))$/

/** Points that are only reached by who takes the place of a dead worker. */
const AFTER_A_DEATH = /^join\.(swept|sweeping)$/

/** One blow, dealt at every point in turn. */
export class Drama {
  #stage = new Stage()
  #testimony = path.join(this.#stage.directory, 'testimony')
  #survivors = []
  #number = 0
  #options

  /**
   * @param blow `kill`, `terminate`; or, until the ring was lapped twice, `stop`, `break` (at a breakpoint), `collect` (garbage)
   * or `freeze`
   * @param inMemory plays in a `SharedArrayBuffer`, among threads
   * @param heap megabytes that the victim has to look at when it collects garbage
   * @param freezer what freezes a process
   */
  constructor({ build, blow, seed, inMemory = false, heap = 0, freezer }) {
    this.#options = { build, blow, seed, inMemory, heap, freezer }
  }

  async open() {
    const { build, inMemory } = this.#options
    const dimensions = { ...OPEN, zone: undefined }
    this.#survivors = [this.#enter(), this.#enter()]
    const memory = inMemory && (await this.#survivors[0].order('makeMemory', { build, options: dimensions }))
    this.#options.place = inMemory ? { zone: memory } : OPEN
    for (const survivor of this.#survivors) await this.#begin(survivor)
  }

  #enter() {
    return this.#options.blow === 'terminate' ? this.#stage.thread() : this.#stage.process()
  }

  #begin(actor, fault) {
    const { build, seed, place } = this.#options
    actor.number = ++this.#number
    const open = { ...place, ...SETTINGS }
    const heap = fault?.blow === 'collect' ? this.#options.heap : 0
    return actor.order('begin', { build, seed, number: actor.number, open, fault, heap, testimony: this.#testimony })
  }

  /** Deals the blow at a point; what that violated, in words. */
  async round(point) {
    fs.writeFileSync(this.#testimony, '')
    await Promise.all(this.#survivors.map((survivor) => survivor.order('resume')))
    const foil = BESIDE_A_FOIL.test(point) ? await this.#foil() : undefined
    if (AFTER_A_DEATH.test(point)) await this.#loseOne()
    const victim = this.#enter()
    this.#provoke(victim, point)
    await until(`the victim comes to ${point}`, () => this.#isStruck(victim))
    const comesBack = ['stop', ...HELD].includes(this.#options.blow)
    const all = comesBack ? [...this.#survivors, victim] : this.#survivors
    await this.#aftermath(victim)
    if (foil !== undefined) await this.#dismiss(foil)
    await this.#calm(all)
    const logs = await Promise.all(all.map((actor) => actor.order('log')))
    // It is not the ring that has who collects garbage stand still.
    if (this.#options.blow === 'collect') logs.at(-1).longest = 0
    await victim.kill()
    const violations = convict(logs, { executed: this.#executed(), ring: RING, isDueAlways: !/^claim/.test(point) })
    return [...violations, ...(await this.#remains(point))].map((what) => `${this.#options.blow} at ${point}: ${what}`)
  }

  /** A publisher that stands still with a slot in its hands. */
  async #foil() {
    const { inMemory } = this.#options
    const foil = inMemory ? this.#stage.thread() : this.#stage.process()
    const fault = { point: 'write.filled', pass: 3, blow: inMemory ? 'terminate' : 'stop' }
    void this.#begin(foil, fault).catch(() => undefined)
    await until('the foil stands', () => foil.isStruck || stateOf(foil.pid) === 'T')
    return foil
  }

  /** One dies without having left. */
  async #loseOne() {
    const lost = this.#enter()
    await this.#begin(lost)
    await lost.kill()
  }

  async #dismiss(foil) {
    if (!this.#options.inMemory) process.kill(foil.pid, 'SIGCONT')
    await foil.kill()
  }

  #provoke(victim, point) {
    const { blow } = this.#options
    const [, prompt] = PROMPTS.find(([points]) => points.test(point)) ?? []
    // The order is never answered by one who is struck.
    const begun = this.#begin(victim, { point, pass: 1, blow })
    void begun
      .then(() => (prompt === undefined ? undefined : victim.order(prompt, { zone: point, entryPayload: 64 })))
      .catch(() => undefined)
  }

  /** There while an actor is held; removing it lets the actor go on. */
  #pauseOf({ pid }) {
    return path.join(this.#stage.directory, `paused-${pid}`)
  }

  #isStruck(victim) {
    const { blow } = this.#options
    if (blow === 'terminate') return victim.isStruck
    if (blow === 'kill') return victim.hasEnded
    if (HELD.includes(blow)) return fs.existsSync(this.#pauseOf(victim))
    return stateOf(victim.pid) === 'T'
  }

  async #aftermath(victim) {
    const { blow, freezer } = this.#options
    const [witness] = this.#survivors
    if (blow === 'freeze') await freezer.freeze(victim.pid)
    const struckAt = await witness.order('newest')
    await until('the survivors go on', async () => (await witness.order('newest')) > struckAt + 2 * RING)
    if (HELD.includes(blow)) fs.rmSync(this.#pauseOf(victim))
    if (blow === 'freeze') await freezer.thaw()
    if (blow === 'stop') process.kill(victim.pid, 'SIGCONT')
    else if (!HELD.includes(blow)) await victim.kill()
  }

  async #calm(all) {
    await until('all can be asked', async () => {
      const asked = await Promise.all(
        all.map((actor) =>
          actor.order('quiet').then(
            () => true,
            () => false,
          ),
        ),
      )
      return asked.every(Boolean)
    })
    await until('all have read everything', async () => {
      const counts = await Promise.all(all.map((actor) => actor.order('unread')))
      return counts.every((count) => count === 0)
    })
  }

  #executed() {
    return fs.readFileSync(this.#testimony, 'utf8').split('\n').filter(Boolean).map(Number)
  }

  /** What the struck one left behind: every place must be free, and after a sweep every slot. */
  async #remains(point) {
    const [witness] = this.#survivors
    const violations = []
    if (point.startsWith('zone.')) await witness.order('probe', { zone: point })
    const { count, code } = await witness.order('sweep')
    if (count !== PLACES - 2 || code !== 'ERR_ZONE_FULL') violations.push(`${count} places are free, then ${code}`)
    const holders = await witness.order('holders')
    if (holders.length > 0) violations.push(`slots are held by places ${holders.join(', ')}`)
    return violations
  }

  async close() {
    // Who is frozen cannot even be killed.
    await this.#options.freezer?.thaw()
    await this.#stage.clear()
  }
}

/** Deals one blow at each of the points; what that violated. */
export async function play({ points, ...options }) {
  const drama = new Drama(options)
  const violations = []
  try {
    await drama.open()
    for (const point of points) {
      violations.push(...(await drama.round(point)))
      options.onRound?.(point)
    }
  } finally {
    await drama.close()
  }
  return violations
}
