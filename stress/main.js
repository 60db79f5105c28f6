// The long proof: storms of kills and stops, pauses, generated schedules, wake-ups, races for keys and an attacked endpoint,
// in turn until the time is over; or, with --soak, a crowd that runs undisturbed while its resources are watched.
//
//     npm run stress -- --minutes 20 [--seed 7] [--only storm,schedule] [--soak]
//
// Prints the seed of everything, and ends with 1 at the first violation. The same seed draws the same lots; at which
// moment the kernel stops whom, no seed can say. A schedule, though, repeats exactly.

import fs from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { faultBuild, faultPoints } from '../scripts/fault-build.js'
import { acts } from './acts.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
    soak: { type: 'boolean', default: false },
  },
})

const names = values.soak ? ['soak'] : (values.only?.split(',') ?? Object.keys(acts).filter((name) => name !== 'soak'))
const unknown = names.find((name) => !Object.hasOwn(acts, name))
if (unknown !== undefined) throw new Error(`there is no act ${unknown}: choose from ${Object.keys(acts).join(', ')}`)

const minutes = numberFrom('minutes')
const end = performance.now() + minutes * 60_000
const build = faultBuild()
const totals = {}

function numberFrom(name) {
  const value = Number(values[name])
  if (!(value >= 0 && value < 2 ** 31)) throw new Error(`--${name} must be a number, 0 or more: ${values[name]}`)
  return value
}

/** Adds up what is a number; the rest is of one round alone. */
function add(name, figures) {
  const total = (totals[name] ??= { rounds: 0 })
  total.rounds++
  for (const [figure, value] of Object.entries(figures)) {
    if (typeof value !== 'number') continue
    const isPeak = figure.startsWith('longest') || figure === 'ring'
    total[figure] = isPeak ? Math.max(total[figure] ?? 0, value) : (total[figure] ?? 0) + value
  }
}

console.log(`stress: ${names.join(', ')} for ${minutes} minutes, seed ${values.seed}`)
let seed = numberFrom('seed')
let violations = []
while (performance.now() < end && violations.length === 0) {
  for (const name of names) {
    if (performance.now() >= end || violations.length > 0) break
    const round = await acts[name]({ build, seed, points: faultPoints(), minutes })
    violations = round.violations
    add(name, round.figures)
    console.log(JSON.stringify({ act: name, seed, ...round.figures, violations: violations.length }))
    seed = (seed + 1) % 2 ** 31
  }
}
fs.rmSync(build, { recursive: true })
console.log(JSON.stringify(totals, undefined, 2))
for (const violation of violations.slice(0, 20)) console.error(violation)
process.exit(violations.length === 0 ? 0 : 1)
