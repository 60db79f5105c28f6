// A broker on a Unix socket, in a process of its own: newline JSON, one write an event, as in lua-resty-events.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { lineReader } from '../lines.js'

export async function start() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'worker-events-bench-'))
  const file = path.join(directory, 'broker.sock')
  const broker = fork(new URL('../broker.js', import.meta.url), [file])
  await once(broker, 'message')
  const stop = () => {
    broker.kill()
    fs.rmSync(directory, { recursive: true, force: true })
  }
  return { info: file, pids: [broker.pid], stop }
}

export async function connect(file, _, receive) {
  const socket = net.connect(file)
  socket.setEncoding('utf8')
  await once(socket, 'connect')
  socket.on(
    'data',
    lineReader((line) => receive(JSON.parse(line))),
  )
  let room = true
  return {
    burst: 256,
    publish: (payload) => {
      room = socket.write(JSON.stringify(payload) + '\n')
    },
    ready: () => (room ? undefined : once(socket, 'drain')),
    close: () => socket.destroy(),
  }
}
