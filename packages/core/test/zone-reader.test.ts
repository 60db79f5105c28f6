/** `ZoneReader`: looking at a zone without being one of its workers. */
import fs from 'node:fs'
import path from 'node:path'
import { type Missed, WorkerEvents, ZoneReader, createZoneBuffer } from '../src/index.js'
import { coded, hasWrapped, publishMany, thrownBy, turns, until } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
  removeDirectories()
})

/** A zone with a worker that publishes into it. */
function makeZone(ringSize = 8): { place: { zone: string; directory: string }; bus: WorkerEvents } {
  const place = { zone: 'bus', directory: makeDirectory() }
  const bus = WorkerEvents.open({
    ...place,
    ringSize,
    maxWorkers: 2,
    lifecycle: false,
    pollInterval: 0,
    onMissed: () => undefined,
  })
  ends.push(() => bus.close())
  return { place, bus }
}

function read(place: { zone: string; directory: string }): ZoneReader {
  const reader = ZoneReader.open(place)
  ends.push(() => reader.close())
  return reader
}

/** Collects what a reader's loop yields, until it ends. */
function collect(events: AsyncIterable<{ payload: unknown }>): { payloads: unknown[]; done: Promise<void> } {
  const payloads: unknown[] = []
  const done = (async () => {
    for await (const { payload } of events) payloads.push(payload)
  })()
  return { payloads, done }
}

describe('a reader of a zone', () => {
  it('sees what the workers see, and is none of them', () => {
    const { place, bus } = makeZone()
    const [one, two, three] = [read(place), read(place), read(place)]
    publishMany(bus, 3)
    expect(one.inspect()).toEqual(bus.inspect())
    expect(two.inspect({ since: 1, limit: 1 }).events.map(({ generation }) => generation)).toEqual([2])
    expect(three.inspect().workers.map(({ id }) => id)).toEqual([bus.worker])
    expect([one.zone, one.directory, one.epoch, one.closed]).toEqual(['bus', place.directory, bus.epoch, false])
  })

  it('leaves every byte of the zone as it is', async () => {
    const { place, bus } = makeZone()
    publishMany(bus, 3)
    bus.publish('c', 't', 'unique', { unique: 'k' })
    const file = path.join(place.directory, 'bus.zone')
    const before = fs.readFileSync(file)
    const reader = read(place)
    const { payloads } = collect(reader.events({ replay: 'all' }))
    await until(() => payloads.length === 4)
    reader.inspect()
    expect(fs.readFileSync(file).equals(before)).toBe(true)
    const seen: unknown[] = []
    bus.subscribe((payload) => seen.push(payload), { replay: 'all' })
    bus.poll()
    expect(seen).toEqual([0, 1, 2, 'unique'])
  })

  it('holds no ring that rejects, and keeps no worker from a place', () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    const bus = WorkerEvents.open({
      ...place,
      ringSize: 2,
      maxWorkers: 1,
      overflow: 'reject',
      lifecycle: false,
      pollInterval: 0,
    })
    ends.push(() => bus.close())
    read(place).events({ replay: 'all' })
    for (let round = 0; round < 5; round++) {
      publishMany(bus, 2)
      bus.poll()
    }
    expect(hasWrapped(bus)).toBe(true)
  })

  it('does not make a zone, nor a directory', () => {
    const directory = path.join(makeDirectory(), 'nowhere')
    expect(thrownBy(() => ZoneReader.open({ zone: 'bus', directory }))).toEqual(
      coded('ERR_ZONE_NOT_FOUND', '"bus"', directory),
    )
    expect(fs.existsSync(directory)).toBe(false)
  })

  it.each<[string, unknown]>([
    ['no options', undefined],
    ['a name that would escape', { zone: '../bus' }],
    ['memory of threads', { zone: createZoneBuffer({ ringSize: 4 }) }],
    ['no zone', {}],
    ['an unknown option', { zone: 'bus', ringSize: 8 }],
    ['a directory that is none', { zone: 'bus', directory: 5 }],
  ])('is not opened with %s', (_, options) => {
    expect(thrownBy(() => ZoneReader.open(options as never))).toEqual(coded('ERR_INVALID_OPTION'))
  })

  it('can look at a zone that no worker is attached to', () => {
    const { place, bus } = makeZone()
    publishMany(bus, 2)
    bus.close()
    expect(read(place).inspect()).toMatchObject({ newestGeneration: 2, workers: [] })
  })
})

describe('the events of a reader', () => {
  it('begin with the next one, whoever publishes, unique ones among them', async () => {
    const { place, bus } = makeZone()
    publishMany(bus, 2)
    const { payloads } = collect(read(place).events())
    await turns()
    publishMany(bus, 2, 2)
    bus.publish('c', 't', 'unique', { unique: 'k' })
    await until(() => payloads.length === 3)
    expect(payloads).toEqual([2, 3, 'unique'])
  })

  it.each<['all' | number, number[]]>([
    ['all', [0, 1, 2, 3, 4]],
    [3, [3, 4]],
    [0, [0, 1, 2, 3, 4]],
    [99, [4]],
  ])('begin with the past if asked to replay %p', async (replay, expected) => {
    const { place, bus } = makeZone()
    publishMany(bus, 4)
    const { payloads } = collect(read(place).events({ replay }))
    publishMany(bus, 1, 4)
    await until(() => payloads.length === expected.length)
    expect(payloads).toEqual(expected)
  })

  it('are those that match', async () => {
    const { place, bus } = makeZone()
    const { payloads } = collect(read(place).events({ channel: 'cache.*', type: 'purged' }))
    bus.publish('cache.a', 'purged', 1)
    bus.publish('cache.a', 'filled', 2)
    bus.publish('other', 'purged', 3)
    bus.publish('cache.b', 'purged', 4)
    await until(() => payloads.length === 2)
    expect(payloads).toEqual([1, 4])
  })

  it('tell what was lost, before the event that follows it', async () => {
    const { place, bus } = makeZone(4)
    const told: Missed[] = []
    const reader = read(place)
    publishMany(bus, 8)
    const events = reader.events({ replay: 2, onMissed: (missed) => told.push(missed) })
    const first = await events.next()
    expect(told).toEqual([{ from: 3, to: 4, count: 2 }])
    expect((first.value as { payload: unknown }).payload).toBe(4)
  })

  it('may have bytes for a payload, or none', async () => {
    const { place, bus } = makeZone()
    const { payloads } = collect(read(place).events())
    bus.publish('c', 't', new Uint8Array([1]))
    bus.publish('c', 't')
    await until(() => payloads.length === 2)
    expect(payloads).toEqual([new Uint8Array([1]), undefined])
  })

  it('end without an error by abort, by close, and at once by a signal that had aborted', async () => {
    const { place, bus } = makeZone()
    const reader = read(place)
    const controller = new AbortController()
    const [aborted, closed] = [collect(reader.events({ signal: controller.signal })), collect(reader.events())]
    await collect(reader.events({ signal: AbortSignal.abort() })).done
    publishMany(bus, 1)
    await until(() => aborted.payloads.length === 1 && closed.payloads.length === 1)
    controller.abort()
    await aborted.done
    publishMany(bus, 1)
    await until(() => closed.payloads.length === 2)
    reader.close()
    await closed.done
    expect(aborted.payloads).toEqual([0])
  })

  it.each<[string, unknown]>([
    ['a filter that is wrong', { channel: 'a*b' }],
    ['a replay of another word', { replay: 'some' }],
    ['a signal that is none', { signal: 5 }],
    ['an onMissed that is no function', { onMissed: {} }],
    ['options that are no object', 5],
    ['options that are null', null],
  ])('are refused with %s', (_, options) => {
    const reader = read(makeZone().place)
    expect(thrownBy(() => reader.events(options as never))).toEqual(coded('ERR_INVALID_ARGUMENT'))
  })
})

describe('a reader that is closed', () => {
  it('reads no more, and may be closed again', () => {
    const reader = read(makeZone().place)
    reader.close()
    reader.close()
    reader[Symbol.dispose]()
    expect(reader.closed).toBe(true)
    for (const call of [() => reader.inspect(), () => reader.events()])
      expect(thrownBy(call)).toEqual(coded('ERR_CLOSED'))
  })

  it('does not count for configured', () => {
    const { place, bus } = makeZone()
    bus.close()
    read(place)
    expect(WorkerEvents.configured('bus', { directory: place.directory })).toBe(false)
  })
})
