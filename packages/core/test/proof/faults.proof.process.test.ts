/**
 * Fault points: between any two steps, a real process is killed, another stopped for two laps of the ring, and a thread
 * terminated, beside survivors that publish and read without a pause. `PROOF_SEED` repeats what they publish.
 */
import fs from 'node:fs'
import path from 'node:path'
import { type Blow, Drama } from './dramas.mjs'
import { faultBuild, faultPoints } from './exploration.mjs'

const SEED = Number(process.env['PROOF_SEED'] ?? Date.now() % 2 ** 31)

/**
 * Schedules reach these three, real actors do not, or only by chance: a ring that rejects, a stop of a lap between two
 * steps of one publish, and two drafts of one key at once.
 */
const BY_SCHEDULE = ['write.bounded', 'write.unlabelling', 'key.pushing']
const points = faultPoints().filter((point) => !BY_SCHEDULE.includes(point))

/** Where a process is held by a debugger, too, which stops one thread and leaves the others of its process running. */
const BREAKPOINTS = [
  'write.reserved',
  'write.filling',
  'write.filled',
  'write.committed',
  'read.copied',
  'claim.claimed',
]

/** Where threads of one memory are ended: what differs from files is how a death is proved, not each step. */
const inMemory = points.filter((point) => /^(write|join|claim)\./.test(point))

describe('the shipped build', () => {
  const scripts = (folder: string): string[] => {
    const directory = path.join(import.meta.dirname, '../..', folder)
    const files = fs
      .readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
    return files.map((file) => fs.readFileSync(path.join(directory, file), 'utf8'))
  }

  it('has its fault points as comments alone, where it is compiled', () => {
    const texts = scripts('dist')
    expect(texts.filter((text) => text.includes('worker-events.fault'))).toEqual([])
    expect(texts.flatMap((text) => text.match(/^ *\/\/ fault: /gm) ?? [])).toHaveLength(faultPoints().length)
  })

  it('has none at all, where it is put together for users', () => {
    const texts = scripts('bundle')
    expect(texts.some((text) => text.includes('WorkerEvents = class'))).toBe(true)
    expect(texts.filter((text) => /\/\/ fault: |worker-events\.fault/.test(text))).toEqual([])
  })
})

describe.each<{ blow: Blow; isShared: boolean; what: string; at: string[] }>([
  { blow: 'kill', isShared: false, what: 'a process that is killed', at: points },
  { blow: 'stop', isShared: false, what: 'a process that is stopped until the ring was lapped twice', at: points },
  {
    blow: 'break',
    isShared: false,
    what: 'a process at a breakpoint until the ring was lapped twice',
    at: BREAKPOINTS,
  },
  { blow: 'terminate', isShared: false, what: 'a thread that is terminated', at: points },
  { blow: 'terminate', isShared: true, what: 'a thread of shared memory that is terminated', at: inMemory },
])('$what', ({ blow, isShared, at }) => {
  let build: string
  let drama: Drama

  beforeAll(async () => {
    build = faultBuild()
    drama = new Drama({ build, blow, seed: SEED, inMemory: isShared })
    console.info(blow, { SEED })
    await drama.open()
  }, 30_000)

  afterAll(async () => {
    await drama.close()
    fs.rmSync(build, { recursive: true })
  })

  it.each(at)(
    'harms nobody at %s',
    async (point) => {
      expect(await drama.round(point)).toEqual([])
    },
    30_000,
  )
})

describe('a seeded bug', () => {
  it('is caught by a terminated thread: a mapping keeps the descriptor of the proof of life open (MAPLOCK)', async () => {
    const build = faultBuild('MAPLOCK')
    const drama = new Drama({ build, blow: 'terminate', seed: SEED })
    await drama.open()
    expect(await drama.round('write.filled')).not.toEqual([])
    await drama.close()
    fs.rmSync(build, { recursive: true })
  }, 30_000)
})
