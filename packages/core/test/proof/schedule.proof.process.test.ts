/**
 * Model and code tied together: the production session under generated schedules, compared with a plain list.
 *
 * `PROOF_SEED` repeats a run, `PROOF_RUNS` sets how many plans it tries.
 */
import { type Exploration, explore, faultPoints, mutants } from './exploration.mjs'

const SEED = Number(process.env['PROOF_SEED'] ?? Date.now() % 2 ** 31)
const RUNS = Number(process.env['PROOF_RUNS'] ?? 2000)

/** Seeds under which a bug is met early, so that a red build is red soon; any other would do, only later. */
const QUICK_SEED = 4
const PATIENCE = 30_000

/** What a schedule cannot reach: files, and the end of a handle. */
const ELSEWHERE = /^(zone|leave)\./

describe('the production session under generated schedules', () => {
  let exploration: Exploration

  beforeAll(async () => {
    exploration = await explore({ runs: RUNS, seed: SEED })
    const { runs, steps, milliseconds } = exploration
    console.info('schedules', { SEED, runs, steps, milliseconds })
  }, 120_000)

  it('behaves like a plain list, whoever is held back or killed between any two steps', () => {
    expect(exploration.plan).toBeUndefined()
    expect(exploration.violations).toEqual([])
    expect(exploration.runs).toBe(RUNS)
  })

  it('was held at every fault point that schedules can reach', () => {
    const reachable = faultPoints().filter((point) => !ELSEWHERE.test(point))
    expect(reachable.filter((point) => !(point in exploration.passed))).toEqual([])
  })
})

describe('a seeded bug', () => {
  const caughtElsewhere = ['MAPLOCK']
  const names = Object.keys(mutants).filter((name) => !caughtElsewhere.includes(name))

  it.each(names.map((name) => ({ name, bug: mutants[name].bug })))(
    'is caught by a schedule: $bug ($name)',
    async ({ name }) => {
      const { violations, milliseconds, runs } = await explore({
        mutant: name,
        runs: 20_000,
        seed: QUICK_SEED,
        isBrief: true,
        deadline: performance.now() + PATIENCE,
      })
      console.info(name, { runs, milliseconds, violation: violations[0] })
      expect(violations).not.toEqual([])
    },
    PATIENCE + 10_000,
  )
})
