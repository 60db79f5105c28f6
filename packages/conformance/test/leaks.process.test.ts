import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { type AddressInfo, type Socket, connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { jest } from '@jest/globals'

interface Remains {
  readonly handles: number
  readonly streams: number
  readonly responses: number
  readonly heap: number
}

const question = 'GET /internal/worker-events HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n'

/** Fewer at a time than a process may have files open. */
const WAVE = 250

// What is awaited here comes in a few seconds, on a machine that has nothing else to do.
jest.setTimeout(40_000)

describe.each(['node-http', 'fastify', 'koa', 'koa-2', 'nest-express', 'nest-fastify'])(
  'worker_events_api on %s',
  (mount) => {
    let directory: string
    let child: ChildProcess
    let port: number

    beforeAll(async () => {
      directory = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'worker-events-test-'))
      const env = { ...process.env, MOUNT: mount, ZONES: directory }
      child = fork(path.join(import.meta.dirname, '../fleet/leaks.js'), { env })
      ;[{ port }] = (await once(child, 'message')) as [AddressInfo]
    })

    afterAll(async () => {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
      fs.rmSync(directory, { recursive: true, force: true })
    })

    async function measure(): Promise<Remains> {
      child.send('measure')
      const [remains] = (await once(child, 'message')) as [Remains]
      return remains
    }

    /** Clients that follow, and then are gone: at once, in the midst of an answer, without reading it, or politely. */
    async function comeAndGo(clients: number): Promise<void> {
      for (let wave = 0; wave < clients / WAVE; wave++) {
        await Promise.all(Array.from({ length: WAVE }, (_, number) => visit(number % 4)))
      }
    }

    async function visit(manner: number): Promise<void> {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.write(question)
      if (manner > 0) await once(manner === 1 ? socket.pause() : socket, manner === 1 ? 'readable' : 'data')
      leave(socket, manner)
      await once(socket, 'close')
    }

    function leave(socket: Socket, manner: number): void {
      if (manner === 3) socket.resume().end()
      else if (manner === 2) socket.resetAndDestroy()
      else socket.destroy()
    }

    it('keeps nothing of 1,000 clients that follow it and vanish', async () => {
      await comeAndGo(WAVE)
      const before = await settled({ handles: Infinity, streams: Infinity, responses: Infinity, heap: Infinity })
      await comeAndGo(1000)
      const after = await settled(before)
      expect(after).toMatchObject({ handles: before.handles, streams: before.streams, responses: before.responses })
      expect(after.heap - before.heap).toBeLessThan(2 ** 20)
    })

    /** What remains once nothing goes away any more, or no more than there was. */
    async function settled(least: Remains): Promise<Remains> {
      for (let last = await measure(); ;) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        const now = await measure()
        if (now.responses <= least.responses && now.streams === last.streams && now.handles === last.handles) return now
        last = now
      }
    }
  },
)
