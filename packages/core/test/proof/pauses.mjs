/**
 * Pauses of every kind, each longer than readers wait: garbage that is collected between two steps of the ring, or all the
 * time; processors that are never free; a frozen control group.
 */
import { availableParallelism } from 'node:os'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { convict } from './conviction.mjs'
import { play } from './dramas.mjs'
import { openFreezer } from './freezer.mjs'
import { Stage, until } from './stage.mjs'

const RING = 128
const PLACES = 8
const OPEN = { zone: 'crowd', ringSize: RING, entryPayload: 64, maxWorkers: PLACES, uniqueKeys: 32 }
const WAIT_MAX = 2
/** Of how many passed fault points one has garbage collected. */
const SHARE = 1 / 300

/** A crowd that nobody strikes, for a while; `roles` says what is special about each. What it violated, and what was told. */
async function crowd({ build, seed, roles, spinners = 0, milliseconds }) {
  const stage = new Stage()
  try {
    const testimony = path.join(stage.directory, 'testimony')
    fs.writeFileSync(testimony, '')
    const spinning = Array.from({ length: spinners }, () => stage.process())
    for (const spinner of spinning) void spinner.order('spin').catch(() => undefined)
    const common = { build, seed, open: { ...OPEN, waitMax: WAIT_MAX }, testimony }
    const actors = roles.map(({ isThread }) => (isThread === true ? stage.thread() : stage.process()))
    await Promise.all(
      actors.map((actor, index) => actor.order('begin', { ...common, number: index + 1, ...roles[index] })),
    )
    await delay(milliseconds)
    await Promise.all(actors.map((actor) => actor.order('quiet')))
    await until('all have read everything', async () => {
      const counts = await Promise.all(actors.map((actor) => actor.order('unread')))
      return counts.every((count) => count === 0)
    })
    const told = await Promise.all(actors.map((actor) => actor.order('log')))
    const pauses = await Promise.all(
      actors.filter((_, index) => roles[index].collects > 0).map((actor) => actor.order('pauses')),
    )
    // It is not the ring that has who collects garbage stand still.
    const logs = told.map((log, index) => (roles[index].collects > 0 ? { ...log, longest: 0 } : log))
    const executed = fs.readFileSync(testimony, 'utf8').split('\n').filter(Boolean).map(Number)
    const violations = convict(logs, { executed, ring: RING, isDueAlways: true })
    const holders = await actors[0].order('holders')
    if (holders.length > 0) violations.push(`slots are held by places ${holders.join(', ')}`)
    const received = logs.map((log) => log.received.length)
    if (received.includes(0)) violations.push(`received by each: ${received.join(', ')}`)
    return { violations, pauses, received: received.reduce((sum, count) => sum + count) }
  } finally {
    await stage.clear()
  }
}

/** Two of four collect garbage all the time: at fault points, in `toJSON`, and by a timer. */
async function collections({ heap, ...options }) {
  const { violations, pauses, received } = await crowd({
    ...options,
    roles: [{}, { isThread: true }, { heap, collects: SHARE }, { heap: heap >> 3, collects: SHARE }],
  })
  const counts = pauses.map(({ collections: count }) => count)
  const longest = Math.max(...pauses.map(({ longest: each }) => each))
  if (longest < WAIT_MAX) violations.push(`no collection took longer than readers wait: ${longest} ms`)
  return { violations, figures: { collections: counts[0] + counts[1], longestCollection: longest, received } }
}

/** Two spinning processes for each processor. */
async function busy(options) {
  const spinners = 2 * availableParallelism()
  const { violations, received } = await crowd({ ...options, spinners, roles: [{}, {}, { isThread: true }, {}] })
  return { violations, figures: { spinners, receivedBesideSpinners: received } }
}

/** A frozen control group; where none can be had, the figures say so. */
async function frozen({ points, ...options }) {
  const { freezer, reason } = openFreezer()
  if (freezer === undefined) return { violations: [], figures: { frozen: `not here: ${reason}` } }
  const violations = await play({ ...options, blow: 'freeze', points, freezer })
  freezer.close()
  return { violations, figures: { frozen: `at ${points.length} points, ${freezer.name}` } }
}

/**
 * @param heap megabytes of live objects in those who collect garbage
 * @param points where to collect and to freeze until the ring was lapped twice
 * @param milliseconds how long each crowd lives
 */
export async function pauses({ build, seed, heap, points, milliseconds }) {
  const violations = await play({ build, seed, blow: 'collect', points, heap })
  const acts = [
    await collections({ build, seed, heap, milliseconds }),
    await busy({ build, seed, milliseconds }),
    await frozen({ build, seed, points }),
  ]
  const figures = Object.assign({ collectedAt: points.length }, ...acts.map((act) => act.figures))
  return { violations: [...violations, ...acts.flatMap((act) => act.violations)], figures }
}
