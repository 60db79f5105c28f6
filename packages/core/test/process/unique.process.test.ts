/** Of all events published with one key, one is executed, by one process: however they race, and whoever is killed. */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { clock } from './chronicle.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const WORKERS = 4
const KEYS = 10_000

const fleet = fleetOfEachTest()

interface Win {
  readonly key: number
  readonly generation: number
  /** When publish was called, and when it had returned. */
  readonly before: number
  readonly after: number
}

async function executors(count: number, options: object = {}): Promise<Member[]> {
  const workers = await fleet.now.launchAll(count, 'executor.mjs')
  for (const worker of workers) await worker.order('open', options)
  return workers
}

/** Generations that were executed, by all of these together. */
async function executions(workers: readonly Member[]): Promise<number[]> {
  const ofEach = await Promise.all(workers.map((worker) => worker.order<number[]>('executed')))
  return ofEach.flat().sort((a, b) => a - b)
}

/** After this, each of them has looked at everything that was published or that another may have left undone. */
async function pollTwice(workers: readonly Member[]): Promise<void> {
  for (let times = 0; times < 2; times++) {
    for (const worker of workers) await worker.order('poll')
  }
}

describe('10,000 keys that four processes race for, around the edge of their expiry too', () => {
  it('are each executed exactly once in each life of the key', async () => {
    const uniqueTimeout = 3000
    const workers = await executors(WORKERS, { ringSize: 1 << 16, entryPayload: 1, uniqueKeys: 16_384, uniqueTimeout })
    const raceAll = async (from: number, to: number): Promise<Win[]> => {
      return (await Promise.all(workers.map((worker) => worker.order<Win[]>('race', { keys: KEYS, from, to })))).flat()
    }
    const first = await raceAll(clock() + 20, 0)
    const expiries = first.map(({ before, after }) => [before + uniqueTimeout, after + uniqueTimeout]).flat()
    const second = await raceAll(Math.min(...expiries) - 100, Math.max(...expiries) + 1)

    // Somebody wins each key in each race, and nobody before the key has expired.
    expect(new Set(first.map(({ key }) => key)).size).toBe(KEYS)
    expect(new Set(second.map(({ key }) => key)).size).toBe(KEYS)
    const wins = [...first, ...second].sort((a, b) => a.generation - b.generation)
    const last = new Map<number, Win>()
    const tooEarly = wins.filter((win) => {
      const earlier = last.get(win.key)
      last.set(win.key, win)
      return earlier !== undefined && win.after < earlier.before + uniqueTimeout
    })
    expect(tooEarly).toEqual([])

    await until('all are executed', async () => (await executions(workers)).length >= wins.length)
    await pollTwice(workers)
    expect(await executions(workers)).toEqual(wins.map(({ generation }) => generation))
  })
})

describe('a winner that is held between winning and its first handler', () => {
  it('keeps the event while it lives, and leaves it to exactly one other when it is killed', async () => {
    const workers = await executors(WORKERS)
    const { winner, others } = await winnerHeld(workers, 'holdBeforeHandler')
    await pollTwice(others)
    expect(await executions(others)).toEqual([])
    await winner.kill()
    await until('another executes it', async () => (await executions(others)).length > 0)
    await pollTwice(others)
    expect(await executions(others)).toEqual([1])
  })

  it('leaves it to exactly one other also when its place was taken by a newcomer before they looked', async () => {
    const workers = await executors(WORKERS, { pollInterval: 0 })
    const { winner, others, place } = await winnerHeld(workers, 'holdBeforeHandler')
    await pollTwice(others)
    await winner.kill()
    const newcomer = await fleet.now.launch('executor.mjs')
    expect(await newcomer.order('open', { pollInterval: 0 })).toBe(place)
    await pollTwice([newcomer, ...others])
    expect(await executions([newcomer, ...others])).toEqual([1])
  })
})

describe('a winner that is killed inside its handler', () => {
  it('has executed the event: nobody repeats it, a newcomer that replays the past neither', async () => {
    const workers = await executors(WORKERS)
    const { winner, others } = await winnerHeld(workers, 'holdInHandler')
    await winner.kill()
    await pollTwice(others)
    const newcomer = await fleet.now.launch('executor.mjs')
    await newcomer.order('open', {}, { replay: 'all' })
    await pollTwice([newcomer, ...others])
    expect(await executions([newcomer, ...others])).toEqual([])
    // The others are not merely deaf.
    const next = await others[0].order<number>('publish', {}, 'another key')
    await until('the next event is executed', async () => (await executions([newcomer, ...others])).includes(next))
  })
})

/** Publishes one unique event, and waits until its winner is held. */
async function winnerHeld(
  workers: readonly Member[],
  where: 'holdBeforeHandler' | 'holdInHandler',
): Promise<{ winner: Member; others: Member[]; place: number }> {
  const file = path.join(fleet.now.directory, 'winner')
  const publisher = await fleet.now.launch('worker.mjs')
  await publisher.order('open', {}, 'nothing')
  await publisher.order('publish', 'job', 'run', { [where]: file }, { unique: 'key' })
  for (const worker of workers) void worker.order('poll').catch(() => undefined)
  await until('a worker has won', () => fs.existsSync(file) && fs.readFileSync(file, 'utf8') !== '')
  const pid = Number(fs.readFileSync(file, 'utf8'))
  const place = workers.findIndex((worker) => worker.pid === pid)
  return { winner: workers[place], others: workers.filter(({ pid: each }) => each !== pid), place }
}

describe('a worker that polls two seconds late, four times the life of the key', () => {
  it('does not execute again what another has executed', async () => {
    const [prompt] = await executors(1, { uniqueTimeout: 500 })
    const [late] = await executors(1, { uniqueTimeout: 500, pollInterval: 0 })
    const generation = await prompt.order<number>('publish', {}, 'key')
    await until('the prompt one executes it', async () => (await executions([prompt])).length === 1)
    await delay(2000)
    await pollTwice([late])
    expect(await executions([late])).toEqual([])
    expect(await executions([prompt])).toEqual([generation])
    // The key is free again.
    expect(await late.order('publish', {}, 'key')).toBe(generation + 1)
  })
})
