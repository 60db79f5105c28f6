// `worker-events tail`, beside programs that publish.

import fs from 'node:fs'
import type { Missed } from '../../src/index.js'
import { linesOf, objectsIn, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()

function generationsIn(text: string): unknown[] {
  return objectsIn(text).map(({ generation }) => generation)
}

/** The generations that were shown, in order, and those that were told to be lost. */
function seenIn(text: string): { shown: number[]; lost: Set<number> } {
  const shown: number[] = []
  const lost = new Set<number>()
  for (const { generation, missed } of objectsIn(text) as { generation: number; missed?: Missed }[]) {
    if (missed === undefined) shown.push(generation)
    else for (let each = missed.from; each <= missed.to; each++) lost.add(each)
  }
  return { shown, lost }
}

describe('worker-events tail', () => {
  it('shows what a cluster publishes, as it is published, and exits with 130 when it is interrupted', async () => {
    const cluster = await terminal.now.startCluster()
    const [first] = await cluster.pids()
    await cluster.publish('cache', 'purged', { tag: 'assets' })
    const tail = terminal.now.start('tail', 'bus', '--since', '0')
    await tail.lines(1)
    await cluster.publish('cache', 'filled')
    await tail.lines(2)
    tail.signal('SIGINT')

    const { status, stdout, stderr } = await tail.ended

    const created_at_msec = expect.any(Number) as number
    expect(objectsIn(stdout)).toEqual([
      { generation: 1, type: 'purged', payload: { tag: 'assets' }, channel: 'cache', created_at_msec, pid: first },
      { generation: 2, type: 'filled', payload: '', channel: 'cache', created_at_msec, pid: first },
    ])
    expect(linesOf(stdout)[0]).toMatch(
      /^\{"generation":1,"type":"purged","payload":\{"tag":"assets"\},"channel":"cache",/,
    )
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' })
  })

  it('starts at now unless told to start in the past', async () => {
    const bus = terminal.now.open()
    bus.publish('before', 'it')
    const tail = terminal.now.start('tail', 'bus')
    await tail.until(() => {
      bus.publish('after', 'it')
      return tail.stdout !== ''
    })
    tail.signal('SIGINT')
    const { stdout } = await tail.ended
    expect(seenIn(stdout).shown).not.toContain(1)
    expect(seenIn(stdout).lost).not.toContain(1)
  })

  it('shows the events that the filters ask for, and ends by itself after as many as --limit says', async () => {
    const bus = terminal.now.open()
    bus.publish('cache.a', 'purged')
    bus.publish('cache.b', 'filled')
    bus.publish('users', 'purged')
    bus.publish('cache.c', 'purged')
    const tail = async (...flags: string[]): Promise<unknown[]> => {
      const { status, stdout } = await terminal.now.run('tail', 'bus', ...flags)
      expect(status).toBe(0)
      return generationsIn(stdout)
    }
    expect(await tail('--since=0', '--limit=3')).toEqual([1, 2, 3])
    expect(await tail('--since=0', '--channel=cache.*', '--limit=3')).toEqual([1, 2, 4])
    expect(await tail('--since=1', '--type=purged', '--limit=2')).toEqual([3, 4])
  })

  it('begins with what was overwritten before it came', async () => {
    const bus = terminal.now.open({ ringSize: 8 })
    for (let event = 1; event <= 20; event++) bus.publish('c', 't', event)
    const { stdout } = await terminal.now.run('tail', 'bus', '--since', '5', '--limit', '8')
    expect(objectsIn(stdout)[0]).toEqual({ missed: { from: 6, to: 12, count: 7 } })
    expect(generationsIn(stdout).slice(1)).toEqual([13, 14, 15, 16, 17, 18, 19, 20])
    const onTty = await terminal.now.runOnTty('$WE tail bus --since 5 --limit 1')
    expect(linesOf(onTty.stdout)[0]).toBe(
      'missed generations 6 to 12: they were overwritten before they could be shown',
    )
    expect(linesOf(onTty.stdout)[1]).toMatch(/^13 {2}/)
  })

  it('tells what it lost while it was stopped, and goes on', async () => {
    const bus = terminal.now.open({ ringSize: 8 })
    bus.publish('c', 't')
    const tail = terminal.now.start('tail', 'bus', '--since', '0')
    await tail.lines(1)
    await tail.stop()
    for (let event = 2; event <= 30; event++) bus.publish('c', 't', event)
    tail.signal('SIGCONT')
    await tail.lines(10)
    expect(objectsIn(tail.stdout)[1]).toEqual({ missed: { from: 2, to: 22, count: 21 } })
    expect(generationsIn(tail.stdout).slice(2)).toEqual([23, 24, 25, 26, 27, 28, 29, 30])
  })

  it('loses the oldest instead of growing when nobody takes its output', async () => {
    const bus = terminal.now.open({ ringSize: 64, entryPayload: 4096 })
    const publish = (): number => bus.publish('c', 't', 'x'.repeat(4000))
    publish()
    const tail = terminal.now.start('tail', 'bus', '--since', '0')
    await tail.lines(1)
    tail.child.stdout?.pause()
    // Far more than the pipe, the reader's buffer and the ring hold together.
    for (let event = 0; event < 2000; event++) {
      publish()
      if (event % 32 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    tail.child.stdout?.resume()
    await tail.until(() => generationsIn(tail.stdout).includes(2001))
    const { shown, lost } = seenIn(tail.stdout)
    expect(lost.size).toBeGreaterThan(0)
    expect(shown.filter((generation, index) => index > 0 && generation <= shown[index - 1])).toEqual([])
    expect(shown.filter((generation) => lost.has(generation))).toEqual([])
    expect(shown.length + lost.size).toBe(2001)
  })

  it('sees a unique event without taking it from the worker that executes it', async () => {
    const cluster = await terminal.now.startCluster()
    await cluster.publish('first', 'one')
    const tail = terminal.now.start('tail', 'bus', '--since', '0')
    await tail.lines(1)
    await cluster.publish('jobs', 'run', 7, { unique: 'job-7' })
    await tail.lines(2)
    const received = await cluster.received(3)
    expect(received.flat().filter(({ channel }) => channel === 'jobs')).toHaveLength(1)
    expect(objectsIn(tail.stdout)[1]).toMatchObject({ channel: 'jobs', payload: 7 })
  })

  it('does not hold the zone, and follows it when it is made anew', async () => {
    terminal.now.open().publish('life', 'first')
    const tail = terminal.now.start('tail', 'bus', '--since', '0')
    await tail.lines(1)
    terminal.now.closeAll()
    expect(await terminal.now.run('rm', 'bus')).toMatchObject({ status: 0 })
    expect(fs.readdirSync(terminal.now.directory)).toEqual([])
    terminal.now.open().publish('life', 'second')
    await tail.lines(2)
    expect(objectsIn(tail.stdout)).toMatchObject([
      { generation: 1, type: 'first' },
      { generation: 1, type: 'second' },
    ])
  })

  it('shows what is nested more deeply than JSON.stringify can go, as inspect does', async () => {
    const cluster = await terminal.now.startCluster()
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    expect(() => JSON.stringify(JSON.parse(deep))).toThrow(RangeError)
    await cluster.publishText('c', 't', deep)
    const tail = await terminal.now.run('tail', 'bus', '--since', '0', '--limit', '1')
    const inspect = await terminal.now.run('inspect', 'bus')
    const inspectOnTty = await terminal.now.runOnTty('$WE inspect bus')
    expect(tail).toMatchObject({ status: 0, stderr: '' })
    for (const { stdout } of [tail, inspect, inspectOnTty]) expect(stdout.includes(deep)).toBe(true)
  })

  it('ends without a word when its reader has enough', async () => {
    const bus = terminal.now.open({ ringSize: 1024 })
    for (let event = 0; event < 1000; event++) bus.publish('c', 't', event)
    const shell = terminal.now.startShell('$WE tail bus --since 0 | head -1; exit ${PIPESTATUS[0]}')
    const { status, stdout, stderr } = await shell.ended
    expect(generationsIn(stdout)).toEqual([1])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('shows a person lines to read, until Ctrl-C', async () => {
    const bus = terminal.now.open()
    bus.publish('cache', 'purged', { text: 'a\u001bb' })
    bus.publish('cache', 'bytes', Uint8Array.of(1, 2, 3))
    const [first, second] = bus.inspect().events.map(({ timestamp }) => new Date(timestamp).toISOString())
    const tail = terminal.now.startOnTty('$WE tail bus --since 0')
    await tail.lines(2)
    tail.child.stdin?.write('\u0003')
    const { status, stdout } = await tail.ended
    expect(linesOf(stdout)).toEqual([
      `1  ${first}  ${process.pid}  cache  purged  {"text":"a\\u001bb"}`,
      `2  ${second}  ${process.pid}  cache  bytes  base64 AQID`,
    ])
    expect(status).toBe(130)
  })
})
