// npm run bench: measures this project and its rivals in one run and prints one table.
//
//     npm run bench -- [--only NAME,…] [--workers 1,2,4,8] [--rounds 3] [--json FILE] [--quick]
//
// NAME is a measure or a rival. A run of everything writes RESULTS.md and charts/.
import fs from 'node:fs'
import { load, machine } from './machine.js'
import { chosen, measures } from './measures.js'
import { options } from './options.js'
import { text, write } from './report.js'
import { available, rivals } from './rivals.js'

const { present, absent } = await available()
const { rounds, quick } = options
const choices = [...Object.keys(measures), ...Object.keys(rivals)]
const [unknown] = options.unknown(choices)
if (unknown !== undefined) {
  console.error(`there is no ${unknown} to measure; --only takes ${choices.join(', ')}`)
  process.exit(2)
}

const transports = present.filter((name) => options.wants(name, Object.keys(rivals)))
const names = chosen(Object.keys(measures), options.workers).filter((name) => {
  return options.wants(name, Object.keys(measures))
})
if (names.length === 0 || transports.length === 0) {
  console.error(`nothing to measure; --only takes ${choices.join(', ')}`)
  process.exit(2)
}

const loadBefore = load()
const started = new Date()
const results = {}
for (const name of names) {
  const progress = (line) => process.stderr.write(`${name}: ${line}${line.endsWith('\n') ? '' : '\n'}`)
  results[name] = await measures[name]({ transports, rounds, quick, progress })
}

const facts = [
  machine(),
  `${started.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${rounds} rounds${quick ? ', quick: not to be believed' : ''}`,
  `load average before the run ${loadBefore}, after it ${load()} (1, 5, 15 minutes)`,
  absent.length === 0 ? undefined : `not installed here, so not measured: ${absent.join(', ')}`,
  options.isComplete && absent.length === 0 ? 'every rival took part' : undefined,
].filter((fact) => fact !== undefined)
const run = { facts, results }
console.log(text(run))
if (options.isComplete) write(run)
if (options.json !== undefined) fs.writeFileSync(options.json, JSON.stringify(run, undefined, 2))
