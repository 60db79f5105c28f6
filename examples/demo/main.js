// The demo: a Nest application of four processes, each with a cache, and one event that empties all of them.
// It runs until Ctrl-C; with `--once` it plays its scenario by itself and says by its exit status whether that worked.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startProcesses, stopProcesses } from './processes.js'
import { play } from './scenario.js'

const PROCESSES = 4

/** What the admin route asks of those who publish. */
const PUBLISH_KEY = 'changeme'

/** For the whole scenario, in milliseconds; it takes about five seconds on a quiet machine. */
const TIME_LIMIT = 18_000

const { port, once } = readArguments()
// A zone of its own, in memory where the system has such a place; gone when the demo ends.
const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'worker-events-demo-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

if (once) {
  setTimeout(() => fail(`it did not end within ${TIME_LIMIT / 1000} s`), TIME_LIMIT).unref()
  onInterrupt(() => fail('interrupted'))
} else {
  onInterrupt(stop)
}

const url = await startProcesses(PROCESSES, { PORT: port, WORKER_EVENTS_DIR: directory, PUBLISH_KEY })
console.log(`${PROCESSES} processes serve ${url} and share the zone "demo" in ${directory}`)

if (once) {
  await play(url, PROCESSES, PUBLISH_KEY).catch(({ message }) => fail(message))
  await stop()
} else {
  printInvitation()
}

function readArguments() {
  try {
    const options = { port: { type: 'string', default: '0' }, once: { type: 'boolean', default: false } }
    const { values } = parseArgs({ options })
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
      throw new Error(`--port must be from 0 (any that is free) to 65535, got "${values.port}"`)
    }
    return values
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run demo -- [--port N] [--once]`)
    process.exit(2)
  }
}

function onInterrupt(react) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, react)
}

async function stop() {
  await stopProcesses()
  console.log('\nAll processes have ended.')
}

function fail(reason) {
  console.error(`\nFAILED: ${reason}`)
  process.exit(1)
}

function printInvitation() {
  const lines = [
    [`curl ${url}/products/7`, 'a few times: each process reads the slow source once'],
    [`curl -X POST ${url}/purge/7`, 'one process publishes, all of them drop the entry'],
    [`curl ${url}/products/7`, 'slow again, in every process'],
    [`curl ${url}/internal/worker-events`, 'the ring, and the workers that read it'],
    ['kill -9 <the pid of one>', 'the others go on, and another takes its place'],
  ]
  console.log('\nTry in another terminal, and watch what is said here:\n')
  for (const [command, effect] of lines) console.log(`  ${command.padEnd(48)}  ${effect}`)
  console.log('\nCtrl-C ends it.\n')
}
