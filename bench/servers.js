// Servers that take part if they are installed: each on a port of its own, gone when the run ends.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'

/** True if a program is on the path. */
export function isInstalled(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function accepts(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, '127.0.0.1')
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`nothing listens on port ${port}`)
}

async function serve(program, argumentsFor) {
  const port = await freePort()
  const child = spawn(program, argumentsFor(port), { stdio: 'ignore' })
  await accepts(port)
  return { info: port, pids: [child.pid], stop: () => child.kill() }
}

/** Without persistence, and without the limit that cuts off subscribers who are behind. */
export const serveRedis = () => {
  const limits = ['--client-output-buffer-limit', 'pubsub 0 0 0']
  return serve('redis-server', (port) => ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', ...limits])
}

export const serveNats = () => serve('nats-server', (port) => ['-a', '127.0.0.1', '-p', `${port}`])
