// A proxy of four processes, its upstreams, and the source that says which these are. Changes them under load, and says by
// its exit status whether all processes followed and no request was dropped.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ZoneReader } from '@worker-events/core'
import { Load } from './load.js'

const PROCESSES = 4
const CLIENTS = 12

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 55_000

setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()
const [a, b, c] = await Promise.all([startBackend(), startBackend(), startBackend()])
const source = await startSource()
source.change([a, b])

cluster.setupPrimary({ exec: new URL('service.js', import.meta.url).pathname })
const workers = Array.from({ length: PROCESSES }, () => cluster.fork({ SOURCE: source.url }))
const [{ port }] = await Promise.all(workers.map(async (worker) => (await once(worker, 'listening'))[0]))
const origin = `http://127.0.0.1:${port}`
const load = new Load(origin, CLIENTS)
await allGet(a, b)
console.log(`${PROCESSES} processes proxy to two upstreams, for ${CLIENTS} clients that never pause`)

await everybodyHas(source.change([a, c]))
const ofB = await requestsTo(b)
b.child.disconnect()
assert.deepEqual(await once(b.child, 'exit'), [0, null])
await allGet(a, c)
console.log(`one upstream was exchanged for another, and ended after ${ofB} requests`)

await everybodyHas(source.change([{ ...a, draining: true }, c]))
await allAnswered(a)
const ofA = await requestsTo(a)
await allGet(c)
assert.equal(await requestsTo(a), ofA, 'nobody asks an upstream that is drained')
await everybodyHas(source.change([a, c]))
await allGet(a, c)
console.log('another was drained, got no request, and was taken back')

source.isBroken = true
await until(async () => (await published('refresh_failed')).length > 0)
await allGet(a, c)
source.isBroken = false
console.log('while the source failed, the last list was used')

await load.stop()
assert.deepEqual(load.failures, [])
console.log(`${load.answered} requests were answered, and none was dropped`)

for (const [type, count] of [
  ['snapshot_activated', 2],
  ['peer_draining', 1],
  ['peer_undrained', 1],
]) {
  assert.equal((await published(type)).length, count, `${type} is published by one process`)
}
const { asked } = source
const ticks = ZoneReader.open({ zone: 'upstreams-refresh' })
assert.ok(asked <= ticks.inspect().newestGeneration, 'for each tick the source is asked once, not by every process')
ticks.close()

for (const worker of workers) worker.disconnect()
const endings = await Promise.all(workers.map((worker) => once(worker, 'exit')))
assert.deepEqual(
  endings.map(([status]) => status),
  Array(PROCESSES).fill(0),
)
for (const { child } of [a, c]) child.disconnect()
source.server.close()
console.log('all have ended')

async function startBackend() {
  const child = fork(new URL('backend.js', import.meta.url))
  const [{ url }] = await once(child, 'message')
  return { child, url }
}

/** Says which upstreams there are, to whoever asks. */
async function startSource() {
  const state = { asked: 0, isBroken: false, version: 0, peers: [] }
  const server = http.createServer((_, response) => {
    state.asked++
    response.writeHead(state.isBroken ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ version: state.version, peers: state.peers }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const change = (peers) => {
    state.peers = peers.map(({ url, draining = false }) => ({ url, draining }))
    return ++state.version
  }
  return Object.assign(state, { server, change, url: `http://127.0.0.1:${server.address().port}` })
}

async function ask(path) {
  return (await fetch(`${origin}${path}`, { headers: { connection: 'close' } })).json()
}

async function published(type) {
  return (await ask(`/internal/worker-events?type=${type}`)).events
}

async function everybodyHas(version) {
  const following = new Set()
  await until(async () => {
    const status = await ask('/status')
    if (status.version === version) following.add(status.pid)
    return following.size === PROCESSES
  })
}

async function requestsTo({ child }) {
  child.send('count')
  const [{ begun }] = await once(child, 'message')
  return begun
}

/** Each of these upstreams gets requests, from now on too. */
async function allGet(...backends) {
  for (const backend of backends) {
    const before = await requestsTo(backend)
    await until(async () => (await requestsTo(backend)) > before + 20)
  }
}

/** What was on its way when the last process switched has arrived. */
async function allAnswered(backend) {
  let before
  let after = await requestsTo(backend)
  const answered = load.answered
  await until(() => load.answered > answered + 10 * CLIENTS)
  do [before, after] = [after, await requestsTo(backend)]
  while (before !== after)
}

async function until(isTrue) {
  while (!(await isTrue())) await sleep(10)
}
