// The processes of the service: started together, replaced when one dies, stopped together.

import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How long a process may take to answer what it has begun, in milliseconds. */
const GRACE = 3000

/** Starts `count` processes of the service with this environment; the URL where they listen, once all of them do. */
export async function startProcesses(count, environment) {
  // Connections in turn to every process, on every system.
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: fileURLToPath(new URL('dist/service.js', import.meta.url)), args: [] })
  cluster.on('exit', onExit)
  const { port } = (await Promise.all(Array.from({ length: count }, () => startProcess(environment))))[0]
  return `http://127.0.0.1:${port}`
}

/** Asks the processes to end, and ends those that do not. */
export async function stopProcesses() {
  const processes = Object.values(cluster.workers)
  const ended = Promise.all(processes.map((worker) => once(worker, 'exit')))
  cluster.disconnect()
  const impatience = setTimeout(() => processes.forEach((worker) => worker.process.kill('SIGKILL')), GRACE)
  await ended
  clearTimeout(impatience)
}

async function startProcess(environment) {
  const worker = cluster.fork(environment)
  const [address] = await once(worker, 'listening')
  // All have the same port, also when any free one was asked for; so has whoever takes this one's place.
  worker.environment = { ...environment, PORT: address.port }
  return address
}

function onExit(worker, code, signal) {
  if (worker.exitedAfterDisconnect) return
  // One that never listened is not replaced: the next would fare no better.
  if (worker.environment === undefined) process.exit(1)
  console.log(`  pid ${worker.process.pid} died of ${signal ?? `exit status ${code}`}; another takes its place`)
  void startProcess(worker.environment)
}
