// `worker-events inspect`, beside a cluster that runs.

import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { linesOf, objectsIn, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()

interface ShownEvent {
  readonly generation: number
  readonly payload: unknown
}

interface ShownZone {
  readonly events: readonly ShownEvent[]
  readonly workers: readonly Record<string, unknown>[]
}

async function inspect(...flags: string[]): Promise<Record<string, unknown> & ShownZone> {
  const { status, stdout, stderr } = await terminal.now.run('inspect', 'bus', ...flags)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const [zone, ...others] = objectsIn(stdout)
  expect(others).toEqual([])
  return zone as Record<string, unknown> & ShownZone
}

async function generationsShown(...flags: string[]): Promise<number[]> {
  return (await inspect(...flags)).events.map(({ generation }) => generation)
}

describe('worker-events inspect', () => {
  it('gives a zone that a cluster uses as one JSON object, with the keys of the HTTP endpoint in their order', async () => {
    const cluster = await terminal.now.startCluster()
    const [first, second] = await cluster.pids()
    const before = Date.now()
    await cluster.publish('cache', 'purged', { tag: 'assets' })
    await cluster.received(2)

    const { epoch, last_publish_msec, ...zone } = await inspect()

    expect(Object.keys(await inspect()).join()).toBe(
      'module,zone,channel,capacity,oldest_generation,newest_generation,dropped_events,last_publish_msec,events,workers,epoch',
    )
    expect(zone).toMatchObject({ module: 'worker_events', zone: 'bus', channel: '', capacity: 256 })
    expect(zone).toMatchObject({ oldest_generation: 1, newest_generation: 1, dropped_events: 0 })
    expect(epoch).toMatch(/^[0-9A-Z]{26}$/)
    expect(last_publish_msec).toBeGreaterThanOrEqual(before)
    const created_at_msec = expect.any(Number) as number
    expect(zone.events).toEqual([
      { generation: 1, type: 'purged', payload: { tag: 'assets' }, channel: 'cache', created_at_msec, pid: first },
    ])
    expect(Object.keys(zone.events[0]).join()).toBe('generation,type,payload,channel,created_at_msec,pid')
    expect(zone.workers.map(({ pid }) => pid).sort()).toEqual([first, second].sort())
    expect(Object.keys(zone.workers[0]).join()).toBe('id,pid,thread,cursor,lag,missed,started_at_msec')
    expect(zone.workers).toMatchObject([
      { id: 0, thread: 0, cursor: 1, lag: 0, missed: 0 },
      { id: 1, thread: 0, cursor: 1, lag: 0, missed: 0 },
    ])
  })

  it('shows every kind of payload: text, JSON, none, and bytes as base64', async () => {
    const bus = terminal.now.open()
    bus.publish('c', 't', 'quote " and line\nbreak')
    bus.publish('c', 't', [1.5, null, { ключ: true }])
    bus.publish('c', 't')
    bus.publish('c', 't', null)
    bus.publish('c', 't', Uint8Array.of(0, 255, 10))
    const { events } = await inspect()
    expect(events.map(({ payload }) => payload)).toEqual([
      'quote " and line\nbreak',
      [1.5, null, { ключ: true }],
      '',
      null,
      Buffer.from([0, 255, 10]).toString('base64'),
    ])
    expect(events.map((event) => 'payload_encoding' in event)).toEqual([false, false, false, false, true])
    expect(events[4]).toMatchObject({ payload_encoding: 'base64' })
  })

  it('shows the events that the filters ask for, and speaks of the whole zone otherwise', async () => {
    const bus = terminal.now.open()
    bus.publish('cache.a', 'purged')
    bus.publish('cache.b', 'purged')
    bus.publish('cache.b', 'filled')
    bus.publish('users', 'purged')

    expect(await generationsShown('--channel', 'cache.b')).toEqual([2, 3])
    expect(await generationsShown('--channel', 'cache.*')).toEqual([1, 2, 3])
    expect(await generationsShown('--type', 'purged')).toEqual([1, 2, 4])
    expect(await generationsShown('--since', '2')).toEqual([3, 4])
    expect(await generationsShown('--limit', '2')).toEqual([1, 2])
    expect(await generationsShown('--limit', '0')).toEqual([1, 2, 3, 4])
    expect(await generationsShown('--type=purged', '--since=1', '--limit=1')).toEqual([2])
    expect(await inspect('--channel', 'users')).toMatchObject({
      channel: 'users',
      oldest_generation: 1,
      newest_generation: 4,
    })
  })

  it('takes no worker place', async () => {
    terminal.now.open({ maxWorkers: 1 })
    expect((await inspect()).workers).toHaveLength(1)
  })

  it('shows a person the ring, the workers and the events', async () => {
    const bus = terminal.now.open()
    bus.publish('cache', 'purged', { tag: 'assets' })
    bus.poll()
    const { events, workers, lastPublish } = bus.inspect()
    const { status, stdout } = await terminal.now.runOnTty('$WE inspect bus')
    const time = (milliseconds: number): string => new Date(milliseconds).toISOString()
    const pid = String(process.pid)
    expect(linesOf(stdout)).toEqual([
      'zone          bus',
      `epoch         ${bus.epoch}`,
      'capacity      8',
      'generations   1 to 1',
      'dropped       0',
      `last publish  ${time(lastPublish)}`,
      '',
      `WORKER  ${'PID'.padStart(pid.length)}  THREAD  CURSOR  LAG  MISSED  STARTED`,
      `     0  ${pid}       0       1    0       0  ${time(workers[0].startedAt)}`,
      '',
      `GENERATION  TIME                      ${'PID'.padStart(pid.length)}  CHANNEL  TYPE    PAYLOAD`,
      `         1  ${time(events[0].timestamp)}  ${pid}  cache    purged  {"tag":"assets"}`,
    ])
    expect(status).toBe(0)
  })

  it('says in words that there is nothing to show', async () => {
    terminal.now.open().close()
    const { stdout } = await terminal.now.runOnTty('$WE inspect bus')
    expect(linesOf(stdout)).toEqual(expect.arrayContaining(['no worker is attached', 'no such event is retained']))
    expect(linesOf(stdout)).toContain('last publish  -')
  })

  it('lets no event move the cursor of a terminal, and cuts lines at its width', async () => {
    const bus = terminal.now.open({ entryPayload: 512 })
    bus.publish('red\u001b[31m', 'bell\u0007', `\u009b2J${'long'.repeat(100)}`)
    const { stdout } = await terminal.now.runOnTty('stty cols 90; $WE inspect bus')
    const lines = linesOf(stdout)
    const event = lines.at(-1) ?? ''
    expect(event).toContain('red\\u001b[31m  bell\\u0007')
    expect(event).toMatch(/…$/)
    expect(lines.filter(({ length }) => length > 90)).toEqual([])
    expect(['\u0007', '\u001b', '\u009b'].filter((character) => stdout.includes(character))).toEqual([])
  })

  it('fails for a zone that does not exist, and makes none', async () => {
    const { status, stdout, stderr } = await terminal.now.run('inspect', 'none')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(`worker-events: there is no zone "none" in ${terminal.now.directory} (ERR_ZONE_NOT_FOUND)\n`)
    expect(fs.readdirSync(terminal.now.directory)).toEqual([])
  })
})
