/** Plays a scenario over four Nest processes, and says by its exit status whether all went as it should. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Inspection } from '@worker-events/core'
import type { Outcome } from './purges.js'

const PROCESSES = 4
const PRODUCTS = [1, 2, 3, 4]

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 40_000

interface Process {
  readonly child: ChildProcess
  readonly url: string
}

setTimeout(() => {
  console.error(`it did not end within ${TIME_LIMIT} ms`)
  process.exit(1)
}, TIME_LIMIT).unref()
const processes = await Promise.all(Array.from({ length: PROCESSES }, start))
process.once('exit', () => processes.forEach(({ child }) => child.kill('SIGKILL')))
const [first, second, third, last] = processes
console.log(`${PROCESSES} processes, each with a cache in its own memory`)

await fillAll()
await expectAll({ 1: 'hit', 2: 'hit', 3: 'hit', 4: 'hit' })

assert.deepEqual(await purge(first, { keys: ['product:1'] }), outcome({ attempted: 1, published: 1 }))
await expectAll({ 1: 'miss', 2: 'hit', 3: 'hit', 4: 'hit' })
console.log('a key that was purged through one process is gone from all, and nothing else is')

await fillAll()
assert.deepEqual(await purge(second, { tags: ['shoes'] }), outcome({ attempted: 1, published: 1 }))
await expectAll({ 1: 'hit', 2: 'miss', 3: 'hit', 4: 'miss' })
console.log('so it is with a tag, through another process')

await fillAll()
const tooLong = 'x'.repeat(100_000)
const partly = outcome({ attempted: 3, published: 2, failed: 1 })
assert.deepEqual(await purge(third, { keys: ['product:3', tooLong], tags: ['shoes'] }), partly)
await expectAll({ 1: 'hit', 2: 'miss', 3: 'miss', 4: 'miss' })
const { events } = await inspect('type=purge_batch')
assert.deepEqual(
  events.map(({ payload }) => payload),
  [without(partly)],
)
console.log('a batch purges what can be published, and says what could not:', without(partly))

await fillAll()
last.child.kill('SIGSTOP')
const flood = await purge(first, { tags: Array.from({ length: 80 }, (_, n) => `season ${n}`) })
assert.equal(flood.published, 80)
assert.ok(flood.retention_evicted > 0, 'a ring of 64 entries cannot hold 80 events')
assert.equal(flood.everywhere, false, 'a process that is stopped has not read them')
last.child.kill('SIGCONT')
await until(async () => (await statusOf(last)).lag === 0)
assert.ok((await statusOf(last)).missed > 0)
for (const product of PRODUCTS) {
  assert.equal(await read(last, product), 'miss', 'who has missed events cannot trust its cache')
  for (const { url } of [first, second, third]) assert.equal(await read({ url }, product), 'hit')
}
console.log('a process that was stopped meanwhile, and has missed events, has flushed its cache; the others have not')

const endings = processes.map(({ child }) => once(child, 'exit') as Promise<[number]>)
for (const { child } of processes) child.disconnect()
const statuses = (await Promise.all(endings)).map(([status]) => status)
assert.deepEqual(statuses, Array(PROCESSES).fill(0))
console.log('all have ended')

async function start(): Promise<Process> {
  const child = fork(new URL('worker.js', import.meta.url))
  const ended = once(child, 'exit').then(() => assert.fail('a process ended before it listened'))
  const [url] = (await Promise.race([once(child, 'message'), ended])) as [string]
  return { child, url }
}

async function read({ url }: Pick<Process, 'url'>, product: number): Promise<string> {
  const response = await fetch(`${url}/products/${product}`)
  return ((await response.json()) as { cache: string }).cache
}

async function fillAll(): Promise<void> {
  await Promise.all(processes.flatMap((one) => PRODUCTS.map((product) => read(one, product))))
}

/** Each process must answer so, for each product. */
async function expectAll(expected: Record<number, 'hit' | 'miss'>): Promise<void> {
  for (const one of processes) {
    const answers = await Promise.all(PRODUCTS.map(async (product) => [product, await read(one, product)]))
    assert.deepEqual(Object.fromEntries(answers), expected)
  }
}

type Answer = Outcome & { everywhere: boolean }

async function purge({ url }: Process, what: { keys?: string[]; tags?: string[] }): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/purge`, { method: 'POST', headers, body: JSON.stringify(what) })
  assert.equal(response.status, 200)
  return (await response.json()) as Answer
}

function outcome(counts: Partial<Outcome>): Answer {
  return { attempted: 0, published: 0, retention_evicted: 0, failed: 0, ...counts, everywhere: true }
}

function without({ everywhere: _, ...counts }: Answer): Outcome {
  return counts
}

/** What the endpoint shows: its names are those of the nginx module. */
async function inspect(query = ''): Promise<Pick<Inspection, 'events' | 'workers'>> {
  const response = await fetch(`${first.url}/internal/worker-events?${query}`)
  return (await response.json()) as Pick<Inspection, 'events' | 'workers'>
}

async function statusOf({ child }: Process): Promise<{ lag: number; missed: number }> {
  const { workers } = await inspect('limit=1')
  return workers.find(({ pid }) => pid === child.pid) ?? assert.fail('it has left')
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue()));
}
