/**
 * The acts of the long proof, short: a storm, pauses, wake-ups by the bell alone, a race for a key, an attacked endpoint, a
 * soak.
 *
 * `PROOF_SEED` repeats the lots that are drawn. `npm run stress` runs all of these for as long as it is told to.
 */
import fs from 'node:fs'
import { attack } from './endpoint.mjs'
import { faultBuild, faultPoints } from './exploration.mjs'
import { pauses } from './pauses.mjs'
import { soak } from './soak.mjs'
import { storm } from './storms.mjs'
import { dyingRinger, raceForKey, wakeUps } from './wakeups.mjs'

const SEED = Number(process.env['PROOF_SEED'] ?? Date.now() % 2 ** 31)

describe('real participants', () => {
  let build: string

  beforeAll(() => {
    build = faultBuild()
    console.info('acts', { SEED })
  })

  afterAll(() => {
    fs.rmSync(build, { recursive: true })
  })

  it('agree on one history through a storm of kills and stops', async () => {
    const { violations, figures } = await storm({ build, seed: SEED, points: faultPoints(), milliseconds: 10_000 })
    console.info('storm', figures)
    expect(violations).toEqual([])
    expect(figures['received']).toBeGreaterThan(0)
  }, 60_000)

  it('live through collections of garbage, processors that are never free and a frozen control group', async () => {
    const points = ['write.filling', 'write.filled', 'read.copied']
    const { violations, figures } = await pauses({ build, seed: SEED, heap: 100, points, milliseconds: 2000 })
    console.info('pauses', figures)
    expect(violations).toEqual([])
  }, 120_000)

  it('are woken by the bell alone, each within a second', async () => {
    const { violations, figures } = await wakeUps({ build, seed: SEED, events: 10_000, sleepers: 3 })
    console.info('wake-ups', figures)
    expect(violations).toEqual([])
  }, 60_000)

  it.each(['write.committed', 'bell.ringing', 'bell.looked', 'bell.struck'])(
    'wake up for the next publish when a ringer dies at %s',
    async (point) => {
      expect(await dyingRinger({ build, seed: SEED, point })).toEqual([])
    },
    30_000,
  )

  it('let one of them win a key in each of its lives', async () => {
    const { violations, figures } = await raceForKey({ build, seed: SEED, racers: 6, milliseconds: 3000, life: 20 })
    console.info('race', figures)
    expect(violations).toEqual([])
  }, 30_000)

  it('answer whatever is sent to the endpoint', async () => {
    const { violations, figures } = await attack({ build, seed: SEED, cases: 400 })
    console.info('endpoint', figures)
    expect(violations).toEqual([])
  }, 60_000)

  it('hold no more memory, descriptors, watches or places as time goes by, in a zone of great age', async () => {
    const { violations, figures } = await soak({ build, seed: SEED, milliseconds: 12_000, warmUp: 6000, isOld: true })
    console.info('soak', figures)
    expect(violations).toEqual([])
  }, 60_000)
})
