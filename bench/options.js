// The command line of the benchmarks.
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    workers: { type: 'string', default: '1,4' },
    json: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})

const names = values.only?.split(',')
const workers = values.workers.split(',').map(Number)
if (workers.some((count) => ![1, 2, 4, 8].includes(count))) throw new Error('--workers takes some of 1,2,4,8')
const rounds = Number(values.rounds ?? 3)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number, 1 or more')

export const options = {
  workers,
  json: values.json,
  /** Shorter rounds: to see that everything runs, not to be believed. */
  quick: values.quick,
  rounds,
  /** `--only` names measures or transports; a run of everything writes RESULTS.md. */
  isComplete: names === undefined && !values.quick,
  /** What `--only` names, and what there is not. */
  unknown: (kinds) => names?.filter((name) => !kinds.includes(name)) ?? [],
  wants: (name, kind) => names === undefined || !names.some((one) => kind.includes(one)) || names.includes(name),
}
