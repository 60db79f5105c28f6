/**
 * Wake-ups and keys: that the bell alone wakes every sleeper in time, also when a ringer dies before it rings; and that of
 * many who race for one key one wins in each of its lives.
 */
import process from 'node:process'
import { Stage, until } from './stage.mjs'

/** Longest that an event may take to one who sleeps, in milliseconds. */
const LATEST = 1000
const NEVER = 2 ** 31 - 1
const OPEN = { zone: 'bell', ringSize: 4096, entryPayload: 64, maxWorkers: 16, uniqueKeys: 16, pollInterval: NEVER }

async function onStage(play) {
  const stage = new Stage()
  try {
    return await play(stage)
  } finally {
    await stage.clear()
  }
}

async function caughtUp(sleeper, generation) {
  await until('the sleeper has heard the last strike', async () => {
    return (await sleeper.order('punctuality')).newest >= generation
  })
}

/** Strikes so many times, with random gaps, for sleepers that have no slow poll. */
export function wakeUps({ build, seed, events, sleepers }) {
  return onStage(async (stage) => {
    const role = { build, seed, open: OPEN, entrance: 'listen' }
    const listeners = Array.from({ length: sleepers }, (_, index) =>
      index % 2 === 0 ? stage.process() : stage.thread(),
    )
    for (const [index, listener] of listeners.entries()) await listener.order('begin', { ...role, number: index })
    const ringer = stage.process()
    await ringer.order('begin', { ...role, number: sleepers })
    const last = await ringer.order('strike', events)
    await Promise.all(listeners.map((listener) => caughtUp(listener, last)))
    const heard = await Promise.all(listeners.map((listener) => listener.order('punctuality')))
    const violations = heard.flatMap(({ received, lost, latest }, index) => {
      const late = latest > LATEST ? [`sleeper ${index} heard a strike after ${Math.round(latest)} ms`] : []
      return received + lost < events
        ? [...late, `sleeper ${index} heard ${received} of ${events}, lost ${lost}`]
        : late
    })
    return { violations, figures: { events, longestWake: Math.max(...heard.map(({ latest }) => latest)) } }
  })
}

/** A ringer dies before the bell, another publishes after it: a sleeper must hear both. */
export function dyingRinger({ build, seed, point }) {
  return onStage(async (stage) => {
    const [sleeper, mortal, other] = [stage.process(), stage.process(), stage.process()]
    const role = { build, seed, open: OPEN, entrance: 'listen' }
    for (const [number, actor] of [sleeper, other].entries()) await actor.order('begin', { ...role, number })
    await mortal.order('begin', { ...role, number: 2, fault: { point, pass: 1, blow: 'kill' } })
    await mortal.order('strike', 1).catch(() => undefined)
    if ((await mortal.ended) !== 'SIGKILL') return [`the ringer did not die at ${point}`]
    const last = await other.order('strike', 1)
    await caughtUp(sleeper, last)
    const { received, latest } = await sleeper.order('punctuality')
    return received === 2 && latest < LATEST ? [] : [`${received} of 2 were heard, the latest after ${latest} ms`]
  })
}

function clock() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** So many publishers try one key for a while; each of its lives may have one winner. */
export function raceForKey({ build, seed, racers, milliseconds, life }) {
  return onStage(async (stage) => {
    const open = { ...OPEN, pollInterval: 100, uniqueTimeout: life }
    const actors = Array.from({ length: racers }, () => stage.process())
    const role = { build, seed, open, reads: false, publishes: false }
    await Promise.all(actors.map((actor, number) => actor.order('begin', { ...role, number })))
    const until = clock() + milliseconds
    const wins = (await Promise.all(actors.map((actor) => actor.order('race', { key: 'prize', until })))).flat()
    wins.sort(([one], [other]) => one - other)
    // A key is taken at some moment of its publish: two that lie within one life for certain are one too many.
    const violations = wins.flatMap(([began, ended], index) => {
      const [begins, ends] = wins[index + 1] ?? [Infinity, Infinity]
      const span = Math.max(ended, ends) - Math.min(began, begins)
      return span < life ? [`two won within ${span} ms of a life of ${life}`] : []
    })
    if (wins.length < milliseconds / life / 4) violations.push(`only ${wins.length} won in ${milliseconds} ms`)
    return { violations, figures: { lives: wins.length } }
  })
}
