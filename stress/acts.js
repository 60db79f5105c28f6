// The acts of a stress run: each takes a seed and gives figures and violations.

import { explore } from '../packages/core/test/proof/exploration.mjs'
import { storm } from '../packages/core/test/proof/storms.mjs'

const STORM = 20_000
const SCHEDULES = 3000

/** Kills and stops at fault points and at random moments. */
async function stormAct({ build, seed, points }) {
  return storm({ build, seed, points, milliseconds: STORM })
}

/** Generated schedules of the production session. */
async function scheduleAct({ seed }) {
  const { runs, steps, milliseconds, violations, plan } = await explore({ runs: SCHEDULES, seed })
  if (plan !== undefined) violations.push(`plan: ${plan}`)
  return { violations, figures: { runs, steps, milliseconds } }
}

export const acts = { storm: stormAct, schedule: scheduleAct }
