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
for (const file of ['README.md', 'packages/core/README.md']) report(`program in ${file}`, checkProgram(file))
for (const name of examples) report(name, await run(name))
process.exitCode = failed === 0 ? 0 : 1

function report(name, { failure, note = '' }) {
  console.log(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${name.padEnd(36)}  ${note}`)
  if (failure === undefined) return
  failed++
  console.log(`\n${failure.trimEnd().replace(/^/gm, '    ')}\n`)
}

/** What a README shows as a program must be the program that is run here. */
function checkProgram(file) {
  const program = readFileSync(join(import.meta.dirname, 'plain-cluster', 'main.js'), 'utf8')
  const isShown = readFileSync(join(root, file), 'utf8').includes(`\`\`\`js\n${program}\`\`\`\n`)
  return isShown ? {} : { failure: `${file} does not show examples/plain-cluster/main.js as it is` }
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
  const limit = setTimeout(end, TIME_LIMIT)
  process.once('exit', end)
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  // Comes when the last process that holds its output has ended: one that is left behind runs into the limit.
  const [status, signal] = await new Promise((resolve) => child.once('close', (...ending) => resolve(ending)))
  process.off('exit', end)
  clearTimeout(limit)
  rmSync(directory, { recursive: true, force: true })
  const seconds = (performance.now() - start) / 1000
  const note = `${seconds.toFixed(1)} s`
  if (status === 0 && seconds * 1000 < TIME_LIMIT) return { note }
  const tail = (await output).join('').trimEnd().split('\n').slice(-TAIL).join('\n')
  return { failure: `${signal ? `killed by ${signal}` : `exit status ${status}`}\n${tail}`, note }
}
