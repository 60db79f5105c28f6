// `worker-events publish`, into zones that other programs use.

import fs from 'node:fs'
import path from 'node:path'
import { WorkerEvents } from '../../src/index.js'
import { linesOf, objectsIn, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()

describe('worker-events publish', () => {
  it('reaches every worker of a cluster, and gives the generation that they see', async () => {
    const cluster = await terminal.now.startCluster()
    await cluster.publish('first', 'one')
    const { status, stdout, stderr } = await terminal.now.run('publish', 'bus', 'cache', 'purged', '{"tag":"assets"}')
    expect(linesOf(stdout)).toEqual([
      '{"module":"worker_events","status":"published","zone":"bus","channel":"cache","generation":2,"retention_evicted":false}',
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const received = await cluster.received(4)
    const event = { channel: 'cache', type: 'purged', generation: 2, payload: { tag: 'assets' } }
    for (const events of received) expect(events.slice(1)).toEqual([{ ...event, pid: expect.any(Number) as number }])
    expect(await cluster.pids()).not.toContain(received[0][1]['pid'])
  })

  it.each([
    ['a number', ['12'], 12],
    ['text that is no JSON', ['hello world'], 'hello world'],
    ['a JSON string', ['"hello"'], 'hello'],
    ['null', ['null'], null],
    ['no payload', [], undefined],
    ['empty text', [''], ''],
    ['JSON that is to be text', ['{"a":1}', '--text'], '{"a":1}'],
    ['what starts with a dash', ['--', '-5'], -5],
  ])('publishes %s', async (_, payload, expected) => {
    const bus = terminal.now.open()
    const { status } = await terminal.now.run('publish', 'bus', 'c', 't', ...payload)
    expect(status).toBe(0)
    expect(bus.inspect().events.map((event) => event.payload)).toEqual([expected])
  })

  it('has a unique event executed once, and tells of a second one with its key that it was redundant', async () => {
    const cluster = await terminal.now.startCluster()
    // Held by the cluster for its own, longer time: how quick the command is does not matter.
    await cluster.publish('jobs', 'run', 1, { unique: 'job-1' })
    const redundant = await terminal.now.run('publish', 'bus', 'jobs', 'run', '2', '--unique', 'job-1')
    const other = await terminal.now.run('publish', 'bus', 'jobs', 'run', '3', '--unique=job-2')
    expect(objectsIn(redundant.stdout)).toMatchObject([{ status: 'duplicate', generation: 0 }])
    expect(redundant).toMatchObject({ status: 0, stderr: '' })
    expect(objectsIn(other.stdout)).toMatchObject([{ status: 'published', generation: 2 }])
    const received = await cluster.received(2)
    expect(received.flat().map(({ payload }) => payload)).toEqual(expect.arrayContaining([1, 3]))
    expect(received.flat()).toHaveLength(2)
  })

  it('tells when it overwrote an event that was retained', async () => {
    const bus = terminal.now.open({ ringSize: 8 })
    for (let event = 1; event <= 7; event++) bus.publish('c', 't', event)
    const results = [
      await terminal.now.run('publish', 'bus', 'c', 't'),
      await terminal.now.run('publish', 'bus', 'c', 't'),
    ]
    expect(results.flatMap(({ stdout }) => objectsIn(stdout))).toMatchObject([
      { generation: 8, retention_evicted: false },
      { generation: 9, retention_evicted: true },
    ])
  })

  it('leaves neither lifecycle events nor a worker behind', async () => {
    const bus = terminal.now.open()
    await terminal.now.run('publish', 'bus', 'c', 't')
    const { events, workers } = bus.inspect()
    expect(events.map(({ channel, generation }) => [channel, generation])).toEqual([['c', 1]])
    expect(workers.map(({ pid }) => pid)).toEqual([process.pid])
  })

  it('shows a person the generation, or that there is none', async () => {
    terminal.now.open({ uniqueTimeout: 60_000 }).publish('c', 't', 0, { unique: 'key' })
    const published = await terminal.now.runOnTty('$WE publish bus c t')
    const redundant = await terminal.now.runOnTty('$WE publish bus c t --unique key')
    expect(linesOf(published.stdout)).toEqual(['generation 2'])
    expect(linesOf(redundant.stdout)).toEqual(['duplicate: an unexpired key made it redundant'])
  })

  it('makes no zone', async () => {
    const directory = path.join(terminal.now.directory, 'none')
    const { status, stderr } = await terminal.now.run('publish', 'bus', 'c', 't', '--directory', directory)
    expect(status).toBe(1)
    expect(stderr).toBe(`worker-events: there is no zone "bus" in ${directory} (ERR_ZONE_NOT_FOUND)\n`)
    expect(fs.existsSync(directory)).toBe(false)
  })

  it('leaves a damaged zone as it is', async () => {
    terminal.now.open().close()
    const file = path.join(terminal.now.directory, 'bus.zone')
    const fd = fs.openSync(file, 'r+')
    fs.writeSync(fd, 'damaged!', 0)
    fs.closeSync(fd)
    const before = fs.readFileSync(file)
    const { status, stderr } = await terminal.now.run('publish', 'bus', 'c', 't')
    expect(status).toBe(1)
    expect(stderr).toMatch(/\(ERR_ZONE_CORRUPT\)\n$/)
    expect(fs.readFileSync(file).equals(before)).toBe(true)
  })

  it('fails where no worker place is free, and where the payload is too large, without quoting it', async () => {
    const bus = terminal.now.open({ maxWorkers: 1 })
    const full = await terminal.now.run('publish', 'bus', 'c', 't')
    expect(full.status).toBe(1)
    expect(full.stderr).toMatch(/^worker-events: .* \(ERR_ZONE_FULL\)\n$/)
    bus.close()
    const large = await terminal.now.run('publish', 'bus', 'c', 't', 'secret'.repeat(5000))
    expect(large.status).toBe(1)
    expect(large.stderr).toMatch(/^worker-events: .* \(ERR_PAYLOAD_TOO_LARGE\)\n$/)
    expect(large.stderr).not.toContain('secret')
  })

  it.each([
    ['a channel with *', ['bus', 'a*', 't'], 'ERR_INVALID_NAME'],
    ['a type of 65 bytes', ['bus', 'c', 't'.repeat(65)], 'ERR_INVALID_NAME'],
    ['a key of 257 bytes', ['bus', 'c', 't', '--unique', 'secret'.padEnd(257, '.')], 'ERR_INVALID_NAME'],
    ['the name of no zone', ['../bus', 'c', 't'], 'ERR_INVALID_OPTION'],
    ['a payload in several words', ['bus', 'c', 't', 'a', 'secret'], 'ERR_INVALID_ARGUMENT'],
    ['a payload that looks like a flag', ['bus', 'c', 't', '--secret'], 'ERR_INVALID_ARGUMENT'],
    ['no type', ['bus', 'c'], 'ERR_INVALID_ARGUMENT'],
  ])('takes %s as wrong usage, and quotes neither key nor payload', async (_, args, code) => {
    const bus = terminal.now.open()
    const { status, stdout, stderr } = await terminal.now.run('publish', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^worker-events: .+ \\(${code}\\)\n$`))
    expect(stderr).not.toContain('secret')
    expect(bus.inspect().events).toEqual([])
  })

  it('finds the zone of the directory that it is told', async () => {
    const bus = terminal.now.open()
    const other = path.join(terminal.now.directory, 'other')
    const elsewhere = WorkerEvents.open({ zone: 'bus', directory: other, lifecycle: false })
    await terminal.now.run('publish', 'bus', 'c', 't', '--directory', other)
    expect([bus, elsewhere].map((each) => each.inspect().events.length)).toEqual([0, 1])
    elsewhere.close()
  })
})
