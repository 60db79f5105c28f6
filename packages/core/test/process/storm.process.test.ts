/**
 * The kill storm: publishers and readers are killed and stopped at random moments, the killed are replaced, and nobody else
 * may notice.
 *
 * `STORM_MS` sets how long it lasts, `STORM_SEED` repeats the choices of one (not the moments at which the kernel acts).
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Inspection } from '../../dist/index.js'
import { type Life, Verdict, clock } from './chronicle.js'
import { Fleet } from './fleet.js'
import { randomFrom } from './random.mjs'
import { holdersIn } from './slots.js'
import { type Role, Witness, ZONE, calm } from './witness.js'

const DURATION = Number(process.env['STORM_MS'] ?? 30_000)
const SEED = Number(process.env['STORM_SEED'] ?? Date.now() % 1_000_000)
const LONGEST_STOP = 500
const ATTEMPTS = 20
const OPTIONS = { ringSize: 128, entryPayload: 512, maxWorkers: 8, uniqueKeys: 16 }
const ROLES: readonly Role[] = [
  { reads: true, publishes: true, pause: 5 },
  { reads: true, publishes: true, pause: 5 },
  { reads: true, publishes: false, pause: 0 },
  { reads: true, publishes: false, pause: 0 },
  { reads: false, publishes: true, pause: 0 },
  { reads: false, publishes: true, pause: 0 },
]

/** Who takes part in a storm, who took part, and what befell them. */
class Crew {
  readonly living: Witness[]
  readonly lives: Life[] = []
  /** Why somebody who was not killed could not begin. */
  readonly failures: unknown[] = []
  readonly counts = { kills: 0, killsInPublish: 0, stops: 0, stopsInPublish: 0 }
  readonly #fleet: Fleet
  readonly #random: () => number

  constructor(fleet: Fleet, random: () => number) {
    this.#fleet = fleet
    this.#random = random
    this.living = ROLES.map((role) => this.#enlist(role))
  }

  #enlist(role: Role): Witness {
    const witness = new Witness(this.#fleet, this.lives.length + 1, SEED, role, OPTIONS)
    witness.begun.catch((error: unknown) => {
      if (witness.life.end === Infinity) this.failures.push(error)
    })
    this.lives.push(witness.life)
    return witness
  }

  /** Kills one at random and enlists another in its place. */
  async kill(): Promise<void> {
    const role = this.#draw()
    const killed = this.living[role]
    if (await this.#meetsPublishing(killed)) this.counts.killsInPublish++
    await killed.kill()
    this.counts.kills++
    this.living[role] = this.#enlist(ROLES[role])
  }

  /** Stops one at random for a while. */
  async stop(): Promise<void> {
    const stopped = this.living[this.#draw()]
    if (await this.#meetsPublishing(stopped)) this.counts.stopsInPublish++
    else await stopped.member.stop()
    this.counts.stops++
    await delay(this.#random() * LONGEST_STOP)
    stopped.member.resume()
  }

  #draw(): number {
    return Math.floor(this.#random() * ROLES.length)
  }

  /** Every other time, waits a little for a publisher to be in the midst of a publish; true, and it is stopped, if it is. */
  async #meetsPublishing(witness: Witness): Promise<boolean> {
    return this.#random() < 0.5 && witness.publishes && witness.stopInPublish(1, ATTEMPTS)
  }

  async inspections(): Promise<Inspection[]> {
    return Promise.all(this.living.map(({ member }) => member.order<Inspection>('inspect')))
  }
}

async function rage(crew: Crew, random: () => number): Promise<void> {
  await Promise.all(crew.living.map(({ begun }) => begun))
  for (const end = clock() + DURATION; clock() < end;) {
    await delay(random() * 300)
    await (random() < 0.25 ? crew.stop() : crew.kill())
  }
  await calm(crew.living)
}

describe('a storm of kills, stops and restarts', () => {
  const fleet = new Fleet()
  const random = randomFrom(SEED)
  let crew: Crew
  let verdict: Verdict

  beforeAll(async () => {
    console.info(`storm of seed ${SEED}`)
    crew = new Crew(fleet, random)
    await rage(crew, random)
    verdict = new Verdict(crew.lives)
    const { published, received, missed } = verdict
    console.info('storm', { ...crew.counts, published, received, missed })
  }, DURATION + 60_000)

  afterAll(() => fleet.disband())

  it('keeps nobody from taking part', () => {
    expect(crew.failures).toEqual([])
    expect(verdict.published).toBeGreaterThan(crew.counts.kills)
    expect(verdict.received).toBeGreaterThan(crew.counts.kills)
  })

  it('leaves no torn, repeated, reordered or silently lost event, and no reader that stands still', () => {
    expect(verdict.violations.slice(0, 20)).toEqual([])
  })

  it('leaves exactly the living in the table of workers', async () => {
    const living = crew.living.map(({ member }) => member.pid).sort()
    for (const { workers } of await crew.inspections()) {
      expect(workers.map(({ pid }) => pid).sort()).toEqual(living)
    }
  })

  it('leaves every worker place free, and no slot held, when all are gone', async () => {
    await Promise.all(crew.living.map(({ member }) => member.kill()))
    const heir = await fleet.launch('worker.mjs')
    expect(await heir.order('fill', { zone: ZONE })).toEqual({ count: OPTIONS.maxWorkers, code: 'ERR_ZONE_FULL' })
    expect(holdersIn(fleet.directory, ZONE)).toEqual([])
  })
})
