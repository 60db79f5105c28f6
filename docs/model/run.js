// Runs the model of the ring, and its seeded bugs, if `spin` and `gcc` are there; says so if they are not.
//
//     node docs/model/run.js [--long]

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'

const model = path.join(import.meta.dirname, 'ring.pml')

/** What must hold: exhaustive searches without an error. */
const SHORT = {
  'two writers, spans, a kill': 'NOBELL C=2 NW=2 NR=1 EV=1 K=2 TRY=1 CRASH=1',
  'one slot, retries, a kill': 'NOBELL C=1 NW=2 NR=1 EV=1 K=1 TRY=2 CRASH=1',
  'two readers': 'NOBELL C=1 NW=2 NR=2 EV=1 K=1 TRY=1 CRASH=0',
  'the bell': 'C=1 NW=1 NR=1 EV=2 K=1 TRY=1 CRASH=0',
}
const LONG = {
  'three writers, spans, a kill': 'NOBELL C=2 NW=3 NR=1 EV=1 K=2 TRY=1 CRASH=1',
  'two readers, spans, a kill': 'NOBELL C=2 NW=2 NR=2 EV=1 K=2 TRY=1 CRASH=1',
  'the bell, spans, a kill': 'C=2 NW=2 NR=1 EV=1 K=2 TRY=1 CRASH=1',
}
/** What must be found. */
const MUTANTS = {
  TAKEOVER: 'C=1 NW=2 NR=1 K=1 CRASH=0',
  NORECHECK: 'NW=3 NR=1 K=1',
  FIRSTONLY: 'NOBELL NW=3 NR=1 K=2 TRY=1 CRASH=0',
  STORE: 'NW=2 NR=1 K=1',
  LOCALSKIP: 'NW=1 NR=2 K=1',
  BELLORDER: 'NW=1 NR=1 K=1 CRASH=0',
  EXCHANGE: 'NW=2 NR=1 K=1 CRASH=1',
  CLAIM: 'NW=3 NR=2 K=1',
}

function run(command, args, cwd) {
  const { status, stdout, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (error !== undefined) throw error
  return { status, stdout }
}

function isThere(command) {
  return spawnSync(command, ['--version']).error === undefined
}

/** Searches one configuration; the number of errors, of states, and whether every state was reached. */
function search(configuration, mutant) {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'worker-events-model-'))
  const defines = configuration.split(' ').map((each) => `-D${each}`)
  if (mutant !== undefined) defines.push(`-DBUG_${mutant}`)
  try {
    const generated = run('spin', [...defines, '-a', model], cwd)
    if (generated.status !== 0) throw new Error(`spin refuses the model: ${generated.stdout}`)
    const compiled = run(
      'gcc',
      ['-O1', '-w', '-DSAFETY', '-DNOFAIR', '-DCOLLAPSE', '-DMEMLIM=4096', '-o', 'pan', 'pan.c'],
      cwd,
    )
    if (compiled.status !== 0) throw new Error('gcc refuses what spin made')
    const { stdout } = run('./pan', ['-E', '-m200000', '-w24'], cwd)
    const errors = Number(/errors: (\d+)/.exec(stdout)?.[1])
    const states = Number(/(\d+) states, stored/.exec(stdout)?.[1])
    return { errors, states, isExhaustive: !/Search not completed|error: max search depth/.test(stdout) }
  } finally {
    fs.rmSync(cwd, { recursive: true })
  }
}

function report(name, configuration, mutant) {
  const began = performance.now()
  const { errors, states, isExhaustive } = search(configuration, mutant)
  const isRight = mutant === undefined ? errors === 0 && isExhaustive : errors > 0
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const outcome =
    mutant === undefined
      ? `${errors} errors${isExhaustive ? ', exhaustive' : ', NOT EXHAUSTIVE'}`
      : errors > 0
        ? 'found'
        : 'NOT FOUND'
  console.log(`${isRight ? 'ok ' : 'BAD'}  ${name}: ${outcome}, ${states} states, ${seconds} s (${configuration})`)
  return isRight
}

const absent = ['spin', 'gcc'].filter((command) => !isThere(command))
if (absent.length > 0) {
  console.log(`the model was not run: ${absent.join(' and ')} not found`)
  process.exit(process.argv.includes('--required') ? 1 : 0)
}
const plain = { ...SHORT, ...(process.argv.includes('--long') ? LONG : {}) }
const results = [
  ...Object.entries(plain).map(([name, configuration]) => report(name, configuration)),
  ...Object.entries(MUTANTS).map(([name, configuration]) => report(name, configuration, name)),
]
process.exit(results.every(Boolean) ? 0 : 1)
