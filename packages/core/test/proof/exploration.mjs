/** Explorations: a build of the core under many generated plans, up to the first that shows a violation. */
import fc from 'fast-check'
import fs from 'node:fs'
import { performance } from 'node:perf_hooks'
import { faultBuild } from '../../../../scripts/fault-build.js'
import { classics, plans } from './plans.mjs'
import { Simulation } from './simulation.mjs'

export { faultBuild, faultPoints } from '../../../../scripts/fault-build.js'
export { mutants } from '../../../../scripts/mutants.js'

const MOST_SHOWN = 6

/**
 * Runs plans that follow from the seed, and shrinks the first that violates something unless `isBrief`.
 * @param mutant seeded bug of the build, if any
 * @param deadline when to start no further plan, in terms of `performance.now()`
 */
export async function explore({ mutant, runs, seed, isBrief = false, deadline = Infinity }) {
  const build = faultBuild(mutant)
  const simulation = await Simulation.open(build)
  const began = performance.now()
  const property = fc.property(plans(), (plan) => {
    const violations = performance.now() > deadline ? [] : simulation.run(plan)
    if (violations.length > 0) throw new Error(violations.slice(0, MOST_SHOWN).join('\n'))
  })
  const { failed, counterexample, errorInstance } = fc.check(property, {
    numRuns: runs,
    seed,
    examples: classics.map((plan) => [plan]),
    endOnFailure: isBrief,
  })
  await simulation.close()
  fs.rmSync(build, { recursive: true })
  return {
    seed,
    runs: simulation.runs,
    steps: simulation.steps,
    milliseconds: Math.round(performance.now() - began),
    passed: simulation.passed,
    violations: failed ? errorInstance.message.split('\n') : [],
    plan: failed ? JSON.stringify(counterexample[0]) : undefined,
  }
}
