// The acts of a stress run: each takes a seed and gives figures and violations.

import { attack } from '../packages/core/test/proof/endpoint.mjs'
import { explore } from '../packages/core/test/proof/exploration.mjs'
import { pauses } from '../packages/core/test/proof/pauses.mjs'
import { soak } from '../packages/core/test/proof/soak.mjs'
import { storm } from '../packages/core/test/proof/storms.mjs'
import { dyingRinger, raceForKey, wakeUps } from '../packages/core/test/proof/wakeups.mjs'

const RINGER_POINTS = ['write.committed', 'bell.ringing', 'bell.looked', 'bell.struck']
const PAUSE_POINTS = [
  'write.reserved',
  'write.labelled',
  'write.filling',
  'write.filled',
  'write.committed',
  'read.copied',
  'claim.claimed',
]

export const acts = {
  /** Kills and stops at fault points and at random moments. */
  storm: async ({ build, seed, points }) => storm({ build, seed, points, milliseconds: 20_000 }),

  /** Heaps of a gigabyte that are collected, spinning processes beside the ring, a frozen control group. */
  pauses: async ({ build, seed }) => pauses({ build, seed, heap: 1024, points: PAUSE_POINTS, milliseconds: 10_000 }),

  /** Generated schedules of the production session. */
  async schedule({ seed }) {
    const { runs, steps, milliseconds, violations, plan } = await explore({ runs: 3000, seed })
    return {
      violations: plan === undefined ? [] : [...violations, `plan: ${plan}`],
      figures: { runs, steps, milliseconds },
    }
  },

  /** Sleepers that only the bell wakes. Ten rounds make a million events. */
  wake: async ({ build, seed }) => wakeUps({ build, seed, events: 100_000, sleepers: 6 }),

  /** Ringers that die around the bell. */
  async ringer({ build, seed }) {
    const violations = []
    for (const point of RINGER_POINTS) violations.push(...(await dyingRinger({ build, seed, point })))
    return { violations, figures: { deaths: RINGER_POINTS.length } }
  },

  /** Many publishers at the edges of one key's lives. */
  race: async ({ build, seed }) => raceForKey({ build, seed, racers: 16, milliseconds: 10_000, life: 10 }),

  /** Generated requests over a real socket. Ten rounds make 50,000. */
  endpoint: async ({ build, seed }) => attack({ build, seed, cases: 5000 }),

  /** An undisturbed crowd, whose resources are watched; every other time in a zone of great age. */
  async soak({ build, seed, minutes }) {
    if (minutes < 2) throw new Error('a soak is compared with its first minute: --minutes 2 or more')
    const onSample = (sample) => console.log(JSON.stringify(sample))
    return soak({ build, seed, milliseconds: minutes * 60_000, isOld: seed % 2 === 1, onSample })
  },
}
