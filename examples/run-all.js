// Runs every example, one after another, and says which of them failed. Each is a program that checks itself and says by
// its exit status whether it did what it shows. `--once` is passed to all: the demo needs it in order to end.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** For one example, in milliseconds. */
const TIME_LIMIT = 60_000

/** How much of a failed example's output is shown, in lines. */
const TAIL = 40

const root = join(import.meta.dirname, '..')
const examples = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'package.json')),
)

// Examples are in process groups of their own, which Ctrl-C does not reach.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

let failed = 0
for (const name of examples) {
  const ending = await run(name)
  report(name, ending)
  if (name !== 'plain-cluster') continue
  for (const file of ['README.md', 'packages/core/README.md'])
    report(`${name} in ${file}`, compare(file, ending.output))
}
process.exitCode = failed === 0 ? 0 : 1

function report(name, { failure, note = '' }) {
  console.log(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${name.padEnd(40)}  ${note}`)
  if (failure === undefined) return
  failed++
  console.log(`\n${failure.trimEnd().replace(/^/gm, '    ')}\n`)
}

/** A README that shows the program must show it as it is, and an output that it can have. */
function compare(file, output) {
  const shown = /^```js run\n(.*?)^```\n\n```console\n\$ .*?\n(.*?)^```$/ms.exec(readFileSync(join(root, file), 'utf8'))
  const program = readFileSync(join(import.meta.dirname, 'plain-cluster', 'main.js'), 'utf8')
  if (shown?.[1] !== program) return { failure: 'the program is another' }
  return shapeOf(shown[2]) === shapeOf(output) ? {} : { failure: `the output is another:\n${output}` }
}

/** Workers have other numbers, and another order, in each run. */
function shapeOf(output) {
  return output.trimEnd().replace(/\d+/g, '#').split('\n').sort().join('\n')
}

async function run(name) {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'worker-events-example-'))
  const start = performance.now()
  // A process group of its own, so that a time limit ends all of its processes.
  const child = spawn('npm', ['start', '--silent', '--', '--once'], {
    cwd: join(import.meta.dirname, name),
    detached: true,
    env: { ...process.env, WORKER_EVENTS_DIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => process.kill(-child.pid, 'SIGKILL')
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    end()
  }, TIME_LIMIT)
  process.once('exit', end)
  const texts = Promise.all([text(child.stdout), text(child.stderr)])
  // Comes when the last process that holds its output has ended: one that is left behind runs into the limit.
  const [status, signal] = await new Promise((resolve) => child.once('close', (...ending) => resolve(ending)))
  process.off('exit', end)
  clearTimeout(limit)
  rmSync(directory, { recursive: true, force: true })
  const output = (await texts).join('')
  const note = `${((performance.now() - start) / 1000).toFixed(1)} s`
  if (status === 0 && !isLate) return { output, note }
  const ending = isLate
    ? `not ended after ${TIME_LIMIT / 1000} s`
    : signal
      ? `killed by ${signal}`
      : `exit status ${status}`
  return { failure: [ending, ...output.trimEnd().split('\n').slice(-TAIL)].join('\n'), output, note }
}
