/** Soak: a crowd publishes and reads undisturbed, while memory, descriptors, watches and worker places are sampled. */
import fs from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Stage } from './stage.mjs'

const CREW = 4
const EVERY = 5000
/** Samples of which the median counts. */
const SAMPLES = 5
/** Growth that is no leak, of what stays when garbage was collected: caches fill, code is compiled, pages are kept. */
const SLACK = { heap: 1.03, rss: 1.1 }

function sample(pid) {
  const rss = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))[1])
  const descriptors = fs.readdirSync(`/proc/${pid}/fd`)
  const infos = descriptors.map((fd) => {
    try {
      return fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1')
    } catch {
      return ''
    }
  })
  const watches = infos.reduce((sum, info) => sum + (info.match(/^inotify /gm)?.length ?? 0), 0)
  return { rss, descriptors: descriptors.length, watches }
}

/** Adds up what all processes hold. */
function sum(samples) {
  const add = (total, one) => Object.fromEntries(Object.keys(one).map((what) => [what, total[what] + one[what]]))
  return samples.reduce(add)
}

/** Of each figure the median. */
function median(samples) {
  const middle = (what) => samples.map((one) => one[what]).sort((a, b) => a - b)[samples.length >> 1]
  return Object.fromEntries(Object.keys(samples[0]).map((what) => [what, middle(what)]))
}

/** What grew between two moments of which neither is the beginning. */
function growth(first, last) {
  const violations = []
  for (const what of ['heap', 'rss']) {
    if (last[what] > first[what] * SLACK[what]) violations.push(`${what} grew from ${first[what]} to ${last[what]} kB`)
  }
  for (const what of ['descriptors', 'watches', 'places']) {
    if (last[what] !== first[what]) violations.push(`${what} went from ${first[what]} to ${last[what]}`)
  }
  return violations
}

/** @param warmUp how long to wait before the first sample that counts, in milliseconds */
export async function soak({ build, seed, milliseconds, warmUp = 60_000, isOld = false, onSample }) {
  const stage = new Stage()
  try {
    const open = { zone: 'soak', ringSize: 1024, entryPayload: 256, maxWorkers: 8, uniqueKeys: 64 }
    const crew = Array.from({ length: CREW }, () => stage.process())
    if (isOld) {
      const { zone, ...dimensions } = { ...open, overflow: 'overwrite' }
      const firstLap = Math.floor(2 ** 50 / open.ringSize) - 2
      await crew[0].order('found', { build, directory: stage.directory, zone, firstLap, dimensions })
    }
    const role = { build, seed, open, isForgetful: true, small: 200, large: 4000, burst: 6, pause: 4 }
    for (const [number, actor] of crew.entries()) await actor.order('begin', { ...role, number: number + 1 })
    const hold = async (actor) => {
      const heap = Math.round((await actor.order('settledHeap')) / 1024)
      return { heap, ...sample(actor.pid) }
    }
    const look = async () => {
      const places = (await crew[0].order('workers')).length
      return { ...sum(await Promise.all(crew.map(hold))), places }
    }
    const lookOften = async () => {
      const samples = []
      while (samples.length < SAMPLES) samples.push(await look())
      return median(samples)
    }
    const end = performance.now() + milliseconds
    await delay(warmUp)
    const first = await lookOften()
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      await delay(Math.min(EVERY, left))
      onSample?.(await look())
    }
    const last = await lookOften()
    const logs = await Promise.all(crew.map((actor) => actor.order('log')))
    const torn = logs.flatMap((log) => [...log.torn.map((at) => `torn event at ${at}`), ...log.errors])
    const events = await crew[0].order('newest')
    return { violations: [...growth(first, last), ...torn], figures: { events, isOld, first, last } }
  } finally {
    await stage.clear()
  }
}
