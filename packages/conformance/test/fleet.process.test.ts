import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { jest } from '@jest/globals'

const ENDPOINT = '/internal/worker-events'
const mounts = ['node-http', 'fastify', 'koa', 'nest-express', 'nest-fastify']

interface Worker {
  readonly pid: number
  readonly shared: number
  readonly own: number
}

interface ShownEvent {
  readonly generation: number
  readonly payload: unknown
  readonly pid: number
}

interface ShownRing {
  readonly oldest_generation: number
  readonly events: readonly ShownEvent[]
}

// What is awaited here comes in a few seconds, on a machine that has nothing else to do.
jest.setTimeout(40_000)

describe.each(mounts)('four processes with worker_events_api on %s', (mount) => {
  let directory: string
  let primary: ChildProcess
  let workers: readonly Worker[]

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'worker-events-test-'))
    const env = { ...process.env, MOUNT: mount, ZONES: directory }
    primary = fork(path.join(import.meta.dirname, '../fleet/primary.js'), { env })
    ;[workers] = (await once(primary, 'message')) as [Worker[]]
  })

  afterAll(async () => {
    const exited = once(primary, 'exit')
    primary.disconnect()
    await exited
    fs.rmSync(directory, { recursive: true, force: true })
  })

  const url = (port: number, query = ''): string => `http://127.0.0.1:${port}${ENDPOINT}${query}`

  async function publish(port: number, type: string, payload: unknown): Promise<number> {
    // A connection of its own each time, where several processes may take it.
    const headers = { 'content-type': 'application/json', ...(port === workers[0].shared && { connection: 'close' }) }
    const response = await fetch(url(port), { method: 'POST', headers, body: JSON.stringify({ type, payload }) })
    return ((await response.json()) as { generation: number }).generation
  }

  async function ringAt(port: number, query: string): Promise<ShownRing> {
    const response = await fetch(url(port, query))
    return (await response.json()) as ShownRing
  }

  async function eventsAt(port: number, query: string): Promise<readonly ShownEvent[]> {
    return (await ringAt(port, query)).events
  }

  it('show at once, each of them, what was published through any of them', async () => {
    for (let n = 0; n < 50; n++) {
      const generation = await publish(workers[n % 4].own, 'counted', n)
      const answers = await Promise.all(workers.map(({ own }) => eventsAt(own, `?since=${generation - 1}`)))
      expect(answers.map(([event]) => [event.generation, event.payload])).toEqual(workers.map(() => [generation, n]))
    }
    const all = await Promise.all(workers.map(({ own }) => eventsAt(own, '?type=counted')))
    expect(all.map((events) => events.map(({ payload }) => payload))).toEqual(workers.map(() => [...Array(50).keys()]))
    expect(new Set(all[0].map(({ pid }) => pid))).toEqual(new Set(workers.map(({ pid }) => pid)))
  })

  it('agree on every event while all of them publish, and overwrite what they have shown', async () => {
    const published = new Map<number, string>()
    const write = async ({ own }: Worker): Promise<void> => {
      for (let n = 0; n < 80; n++) published.set(await publish(own, 'storm', `${own} ${n}`), `${own} ${n}`)
    }
    const watch = async ({ own }: Worker): Promise<void> => {
      while (published.size < 320) {
        const before = [...published]
        const { events, oldest_generation: oldest } = await ringAt(own, '?type=storm')
        const shown = new Map(events.map(({ generation, payload }) => [generation, payload]))
        expect([...shown.keys()]).toEqual([...shown.keys()].sort((a, b) => a - b))
        const missing = before.filter(
          ([generation, payload]) => generation >= oldest && shown.get(generation) !== payload,
        )
        expect(missing).toEqual([])
      }
    }
    await Promise.all([...workers.map(write), ...workers.map(watch)])
    const rings = await Promise.all(workers.map(({ own }) => ringAt(own, '?channel=')))
    expect(rings[0].oldest_generation).toBeGreaterThan(Math.min(...published.keys()))
    for (const { events } of rings) expect(events).toEqual(rings[0].events)
  })

  it('are one endpoint behind their common port', async () => {
    const [{ shared }] = workers
    expect(workers.map((worker) => worker.shared)).toEqual(workers.map(() => shared))
    const generations: number[] = []
    for (let n = 0; n < 20; n++) generations.push(await publish(shared, 'shared', n))
    const answers = await Promise.all(Array.from({ length: 8 }, () => eventsAt(shared, '?type=shared')))
    for (const events of answers) expect(events.map(({ generation }) => generation)).toEqual(generations)
    expect(new Set(answers[0].map(({ pid }) => pid)).size).toBeGreaterThan(1)
  })

  it('send each live tail what is published through any of them', async () => {
    const leaving = new AbortController()
    const { body } = await fetch(url(workers[0].own, '?type=tailed'), {
      headers: { accept: 'text/event-stream' },
      signal: leaving.signal,
    })
    for (const [n, { own }] of workers.entries()) await publish(own, 'tailed', n)
    let text = ''
    for await (const piece of body ?? []) {
      text += Buffer.from(piece as Uint8Array).toString()
      if (text.includes('"payload":3,')) break
    }
    leaving.abort()
    expect([...text.matchAll(/"payload":(\d)/g)].map(([, n]) => Number(n))).toEqual([0, 1, 2, 3])
  })

  it('go on without one that is killed', async () => {
    const [victim, ...survivors] = workers
    process.kill(victim.pid, 'SIGKILL')
    const generation = await publish(survivors[0].own, 'after', 'all')
    for (const { own } of survivors) {
      expect(await eventsAt(own, '?type=after')).toMatchObject([{ generation, payload: 'all' }])
    }
  })
})
