/** A live tail apart from any server: what keeps it awake, and what it holds. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { jest } from '@jest/globals'
import { OpenTails } from '../../src/api/open-tails.js'
import { type WorkerEventsApi, WorkerEvents, createWorkerEventsApi, createZoneBuffer } from '../../src/index.js'
import { until } from '../expectations.js'
import { get, sessionOf } from './requests.js'

const channel = 'cache.invalidate'

describe('a live tail', () => {
  let bus: WorkerEvents
  let api: WorkerEventsApi
  beforeEach(() => {
    bus = WorkerEvents.open({ zone: createZoneBuffer({ ringSize: 8, entryPayload: 4096 }), lifecycle: false })
    api = createWorkerEventsApi(bus, { channel })
  })
  afterEach(() => {
    jest.useRealTimers()
    bus.close()
  })

  const follow = async (query = ''): Promise<Readable> => {
    const { body } = await api.handle(get(query, { accept: 'text/event-stream' }))
    return (body as Readable).setEncoding('utf8')
  }

  it('sends a comment every 15 seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] })
    const pieces: unknown[] = []
    const tail = (await follow()).on('data', (piece) => pieces.push(piece))
    await until(() => pieces.length === 1)
    await jest.advanceTimersByTimeAsync(14_999)
    expect(pieces).toEqual([':\n\n'])
    await jest.advanceTimersByTimeAsync(1)
    expect(pieces).toEqual([':\n\n', ':\n\n'])
    await jest.advanceTimersByTimeAsync(30_000)
    expect(pieces).toHaveLength(4)
    tail.destroy()
  })

  it('sends no comments to a client that does not read', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] })
    const tail = await follow()
    tail.read(0)
    await jest.advanceTimersByTimeAsync(3600_000)
    expect(tail.readableLength).toBeLessThanOrEqual(':\n\n'.length)
    tail.destroy()
  })

  it('takes no more from the ring than its client takes from it', async () => {
    const tail = await follow()
    tail.read(0)
    for (let n = 0; n < 100; n++) {
      bus.publish(channel, 'purged', 'x'.repeat(4000))
      bus.poll()
    }
    expect(tail.readableLength).toBeLessThan(2 * 16 * 1024 + 4096)
    let text = ''
    tail.on('data', (piece: string) => (text += piece))
    await until(() => text.includes('"generation":100,'))
    expect(text).toMatch(/event: missed\ndata: \{"from":\d+,"to":92,"count":\d+\}\n\nid: 93\n/)
    tail.destroy()
  })

  it('shows the past in portions, so that others have their turn', async () => {
    using large = WorkerEvents.open({ zone: createZoneBuffer({ ringSize: 4096 }), pollInterval: 0, lifecycle: false })
    for (let n = 0; n < 4000; n++) large.publish('other', 'skipped')
    large.publish(channel, 'last')
    large.poll()
    api = createWorkerEventsApi(large, { channel })
    const tail = await follow('?since=0')
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    let text = ''
    tail.on('data', (piece: string) => (text += piece))
    await until(() => text.includes('event: last'))
    clearInterval(counting)
    expect(turns).toBeGreaterThan(4)
    tail.destroy()
  })

  it('holds nothing before it is read, and lets go of all when it is destroyed', async () => {
    const observe = jest.spyOn(sessionOf(bus), 'observe')
    const unread = await follow()
    expect(observe).not.toHaveBeenCalled()
    const tail = await follow()
    tail.resume()
    await until(() => observe.mock.calls.length === 1)
    tail.destroy()
    await until(() => tail.closed)
    const [observer] = observe.mock.calls[0]
    const advanced = jest.spyOn(observer, 'advanced')
    bus.publish(channel, 'purged')
    bus.poll()
    expect(advanced).not.toHaveBeenCalled()
    expect(unread.destroyed).toBe(false)
  })

  it('ends at once if its bus has closed before it is read', async () => {
    const tail = await follow()
    bus.close()
    expect(await tail.toArray()).toEqual([':\n\n'])
  })

  it('ends when its endpoint ends all, and others can follow after that', async () => {
    const tail = await follow()
    const pieces: unknown[] = []
    tail.on('data', (piece) => pieces.push(piece))
    await until(() => pieces.length === 1)
    api.endTails()
    await until(() => tail.readableEnded)
    expect(pieces).toEqual([':\n\n'])
    const next = (await follow()).resume()
    bus.publish(channel, 'purged')
    expect(next.destroyed).toBe(false)
    next.destroy()
  })

  it('is cut off a second after its end if its client does not take what is left', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] })
    const tail = await follow()
    let pieces = 0
    tail.on('data', () => pieces++)
    await until(() => pieces === 1)
    tail.pause()
    const cut = once(tail, 'error')
    api.endTails()
    await jest.advanceTimersByTimeAsync(999)
    expect(tail.destroyed).toBe(false)
    await jest.advanceTimersByTimeAsync(1)
    expect(await cut).toEqual([expect.objectContaining({ code: 'ERR_STREAM_PREMATURE_CLOSE' })])
    expect([tail.readableEnded, jest.getTimerCount()]).toEqual([false, 0])
  })
})

describe('open tails', () => {
  it('share one timer, which runs only while there are any', () => {
    jest.useFakeTimers()
    const tails = new OpenTails()
    const tail = { beat: jest.fn(), end: jest.fn() }
    const other = { beat: jest.fn(), end: jest.fn() }
    tails.add(tail)
    tails.add(other)
    expect(jest.getTimerCount()).toBe(1)
    jest.advanceTimersByTime(15_000)
    expect([tail.beat, other.beat].map((beat) => beat.mock.calls.length)).toEqual([1, 1])
    tails.delete(tail)
    tails.delete(tail)
    expect(jest.getTimerCount()).toBe(1)
    tails.delete(other)
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })
})
