// Koa processes behind one port, and two services that they depend on. Plays a scenario, and says by its exit status
// whether all went as it should.
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import http from 'node:http'

const PROCESSES = 3

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 30_000

setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()
const stock = await startDependency()
const prices = await startDependency()
const SERVICES = JSON.stringify({ stock: stock.url, prices: prices.url })

cluster.setupPrimary({ exec: new URL('service.js', import.meta.url).pathname })
const origin = `http://127.0.0.1:${(await Promise.all(Array.from({ length: PROCESSES }, start)))[0].port}`

await allKnow({ stock: 'healthy', prices: 'healthy' })
console.log(`${PROCESSES} processes know that both services are healthy`)

prices.isHealthy = false
await allKnow({ stock: 'healthy', prices: 'unhealthy' })
const [{ payload, pid: prober }] = (await transitions()).slice(-1)
assert.deepEqual([payload.service, payload.from, payload.to], ['prices', 'healthy', 'unhealthy'])
console.log(`process ${prober} found out that prices is unhealthy, and all know`)

const before = await transitions()
const { worker } = await start()
const { states } = await askUntil(({ pid }) => pid === worker.process.pid)
assert.deepEqual(states, { stock: 'healthy', prices: 'unhealthy' })
assert.deepEqual(await transitions(), before, 'nobody has told it anew')
console.log('a process that started later knows too, with its first answer')

const victim = Object.values(cluster.workers).find(({ process: { pid } }) => pid === prober)
victim.process.kill('SIGKILL')
await once(victim, 'exit')
prices.isHealthy = true
await allKnow({ stock: 'healthy', prices: 'healthy' })
const { pid: successor } = (await transitions()).at(-1)
assert.notEqual(successor, prober)
console.log(`process ${prober} was killed; process ${successor} found out that prices is healthy again`)

assert.ok(stock.probers.size > 1)
for (const [round, pids] of stock.probers) assert.equal(pids.size, 1, `round ${round} was probed by ${[...pids]}`)
assert.equal((await transitions()).length, 4)
console.log(`in each of ${stock.probers.size} rounds one process has probed, and four transitions were published`)

const left = Object.values(cluster.workers)
for (const one of left) one.disconnect()
const endings = await Promise.all(left.map((one) => once(one, 'exit')))
assert.deepEqual(
  endings.map(([status]) => status),
  left.map(() => 0),
)
for (const { server } of [stock, prices]) server.close()
console.log('all have ended')

async function start() {
  const worker = cluster.fork({ SERVICES })
  const [{ port }] = await once(worker, 'listening')
  return { worker, port }
}

/** A service that is asked how it is, and remembers who asked in which round. */
async function startDependency() {
  const dependency = { isHealthy: true, probers: new Map() }
  const server = http.createServer(({ headers }, response) => {
    const { 'x-round': round, 'x-prober': pid } = headers
    dependency.probers.set(round, (dependency.probers.get(round) ?? new Set()).add(pid))
    response.writeHead(dependency.isHealthy ? 200 : 503).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return Object.assign(dependency, { server, url: `http://127.0.0.1:${server.address().port}` })
}

/** Asks over a connection of its own, which any of the processes may take. */
async function ask(url = origin) {
  return (await fetch(url, { headers: { connection: 'close' } })).json()
}

async function askUntil(isRight) {
  let answer
  do answer = await ask()
  while (!isRight(answer))
  return answer
}

async function allKnow(expected) {
  const knowing = new Set()
  const { length } = Object.keys(cluster.workers)
  await askUntil(({ pid, states }) => {
    if (JSON.stringify(states) === JSON.stringify(expected)) knowing.add(pid)
    return knowing.size === length
  })
}

async function transitions() {
  return (await ask(`${origin}/internal/worker-events?type=transition`)).events
}
