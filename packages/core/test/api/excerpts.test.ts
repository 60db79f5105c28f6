/** The excerpts that an endpoint keeps: how many, of which rings, and for how long. */
import { jest } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { Excerpts } from '../../src/api/excerpts.js'
import { WorkerEvents, createWorkerEventsApi, createZoneBuffer } from '../../src/index.js'
import { collectUntil } from '../collector.js'
import { until } from '../expectations.js'
import { makeDirectory, removeDirectories } from '../subjects.js'
import { get, sessionOf } from './requests.js'

const filter = { channel: 'c', type: '', since: undefined, limit: 0 }

/** Opens a bus on a ring of its own. */
function open(ringSize: number): WorkerEvents {
  return WorkerEvents.open({ zone: createZoneBuffer({ ringSize }), lifecycle: false, pollInterval: 0 })
}

describe('the excerpts of an endpoint', () => {
  let bus: WorkerEvents
  beforeEach(() => void (bus = open(8)))
  afterEach(() => bus.close())

  const weakly = (excerpts: Excerpts, channel: string): WeakRef<object> => {
    const excerpt = excerpts.find(sessionOf(bus).current.region, { ...filter, channel })
    if (excerpt === undefined) throw new Error('no excerpt is kept')
    return new WeakRef(excerpt)
  }

  it('are the four that were asked for last', async () => {
    const excerpts = new Excerpts(sessionOf(bus))
    const [a, b, c] = ['a', 'b', 'c'].map((channel) => weakly(excerpts, channel))
    weakly(excerpts, 'a')
    weakly(excerpts, 'd')
    weakly(excerpts, 'e')
    await collectUntil(() => b.deref() === undefined)
    expect([a, c].map((kept) => kept.deref() === undefined)).toEqual([false, false])
    // Until here they are held by this alone.
    expect(excerpts.find(sessionOf(bus).current.region, { ...filter, channel: 'a' })).toBe(a.deref())
  })

  it.each([
    ['nobody asks for a minute', () => jest.advanceTimersByTime(60_000)],
    ['the bus closes', () => bus.close()],
  ])('are let go of when %s, and leave nothing behind', async (_, act) => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] })
    try {
      const idle = jest.getTimerCount()
      const excerpts = new Excerpts(sessionOf(bus))
      const kept = weakly(excerpts, 'c')
      expect(jest.getTimerCount()).toBe(idle + 1)
      act()
      expect(jest.getTimerCount()).toBe(idle)
      await collectUntil(() => kept.deref() === undefined)
      expect(excerpts).toBeInstanceOf(Excerpts)
    } finally {
      jest.useRealTimers()
    }
  })

  it('stay as long as somebody asks at least every half minute', () => {
    jest.useFakeTimers()
    try {
      const excerpts = new Excerpts(sessionOf(bus))
      const { region } = sessionOf(bus).current
      const first = excerpts.find(region, filter)
      for (let half = 0; half < 5; half++) {
        jest.advanceTimersByTime(30_000)
        expect(excerpts.find(region, filter)).toBe(first)
      }
    } finally {
      jest.useRealTimers()
    }
  })

  it('do not keep the process running', () => {
    const before = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length
    const excerpts = new Excerpts(sessionOf(bus))
    excerpts.find(sessionOf(bus).current.region, filter)
    expect(process.getActiveResourcesInfo().filter((type) => type === 'Timeout')).toHaveLength(before)
  })
})

describe('a ring that is too large to keep as text', () => {
  it('is shown like any other', async () => {
    const buses = [open(2 ** 15), open(2 ** 10)]
    const answers = buses.map(async (bus) => {
      for (let n = 1; n <= 5; n++) bus.publish(n === 3 ? 'd' : 'c', 't', n)
      bus.poll()
      const { body, headers } = await createWorkerEventsApi(bus, { channel: 'c' }).handle(get('?since=1&limit=2'))
      expect(headers['content-length']).toBe(String(Buffer.byteLength(body as string)))
      return JSON.parse(body as string) as { events: { generation: number; payload: number }[] }
    })
    const [large, small] = await Promise.all(answers)
    const shown = ({ events }: typeof large): unknown[] =>
      events.map(({ generation, payload }) => [generation, payload])
    expect(shown(large)).toEqual([
      [2, 2],
      [4, 4],
    ])
    expect(shown(small)).toEqual(shown(large))
    const none = new Excerpts(sessionOf(buses[0]))
    expect(none.find(sessionOf(buses[0]).current.region, filter)).toBeUndefined()
    for (const bus of buses) bus.close()
  })
})

describe('the document of a zone that is made anew', () => {
  afterEach(removeDirectories)

  it('shows nothing of the life before', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using bus = WorkerEvents.open(place)
    const api = createWorkerEventsApi(bus, { channel: 'c' })
    const shown = async (): Promise<unknown> => {
      const { epoch, events } = JSON.parse((await api.handle(get())).body as string) as Record<string, unknown>
      return { epoch, events }
    }
    bus.publish('c', 't', 'old')
    const before = { epoch: bus.epoch, events: [expect.objectContaining({ payload: 'old' })] }
    expect(await shown()).toEqual(before)
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open(place)
    founder.publish('c', 't', 'new')
    await until(() => bus.epoch === founder.epoch)
    expect(await shown()).toEqual({ epoch: founder.epoch, events: [expect.objectContaining({ payload: 'new' })] })
  })
})
