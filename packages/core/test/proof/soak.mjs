/** Soak: a crowd publishes and reads undisturbed, while memory, descriptors, watches and worker places are sampled. */
import fs from 'node:fs'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { Stage } from './stage.mjs'

const CREW = 4
const EVERY = 5000
/** Growth of memory that is no leak: what garbage collection has not got round to. */
const SLACK = 1.35

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

function sum(samples) {
  return samples.reduce((total, one) => {
    return {
      rss: total.rss + one.rss,
      descriptors: total.descriptors + one.descriptors,
      watches: total.watches + one.watches,
    }
  })
}

/** What grew between two moments of which neither is the beginning. */
function growth(first, last) {
  const violations = []
  if (last.rss > first.rss * SLACK) violations.push(`memory grew from ${first.rss} to ${last.rss} kB`)
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
    const look = async () => {
      const places = (await crew[0].order('workers')).length
      return { ...sum(crew.map(({ pid }) => sample(pid))), places }
    }
    await delay(warmUp)
    const first = await look()
    let last = first
    for (
      const end = process.hrtime.bigint() + BigInt(Math.round((milliseconds - warmUp) * 1e6));
      process.hrtime.bigint() < end;
    ) {
      await delay(Math.min(EVERY, milliseconds - warmUp))
      last = await look()
      onSample?.(last)
    }
    const logs = await Promise.all(crew.map((actor) => actor.order('log')))
    const torn = logs.flatMap((log) => [...log.torn.map((at) => `torn event at ${at}`), ...log.errors])
    const events = await crew[0].order('newest')
    return { violations: [...growth(first, last), ...torn], figures: { events, isOld, first, last } }
  } finally {
    await stage.clear()
  }
}
