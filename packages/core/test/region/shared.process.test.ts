/** Zones in a SharedArrayBuffer: a thread proves that it lives as long as it does, and not a moment longer. */
import fs from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { WorkerEvents, createZoneBuffer } from '../../src/index.js'
import { NOBODY, Phase } from '../../src/layout.js'
import { SharedRegion } from '../../src/region/shared.js'
import { turns, until } from '../expectations.js'
import { Participant } from '../participant.js'

const script = path.join(import.meta.dirname, 'thread.mjs')

interface Said {
  readonly worker: number
  readonly generation: number
}

const threads: Worker[] = []
const ends: (() => void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
})

/** Starts a thread on the zone and gives what it says when it has done what it should. */
async function start(
  memory: SharedArrayBuffer,
  does: string,
): Promise<Said & { thread: Worker; ended: Promise<void> }> {
  const thread = new Worker(script, { workerData: { memory, does } })
  threads.push(thread)
  // Its last message and its end may come in one turn.
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('message', (said: Said) => resolve({ ...said, thread, ended }))
  })
}

function join(memory: SharedArrayBuffer): Participant {
  const participant = new Participant(new SharedRegion(memory))
  ends.push(() => participant.leave())
  return participant
}

function open(memory: SharedArrayBuffer): WorkerEvents {
  const bus = WorkerEvents.open({ zone: memory, lifecycle: false, pollInterval: 0, waitMax: 0 })
  ends.push(() => bus.close())
  return bus
}

const small = { ringSize: 8, entryPayload: 80, maxWorkers: 3, uniqueKeys: 8 }

describe('a thread that is terminated while it holds an entry', () => {
  it('lives until then, and is dead at once: its entry is free, and its place is cleaned before it is used again', async () => {
    const memory = createZoneBuffer(small)
    const main = join(memory)
    const { thread, worker, generation } = await start(memory, 'stall')
    for (let count = 0; count < 20; count++) main.write()
    expect(main.stateOf(generation)).toMatchObject({ phase: Phase.STALE, owner: worker })
    expect(main.region.isDead(worker)).toBe(false)
    await thread.terminate()
    expect(main.region.isDead(worker)).toBe(true)
    const heir = join(memory)
    expect(heir.worker).toBe(worker)
    expect(heir.stateOf(generation)).toMatchObject({ phase: Phase.VOID, owner: NOBODY })
  })

  it('is dead though its descriptor is in use again, for other files', async () => {
    const memory = createZoneBuffer(small)
    const main = join(memory)
    const { thread, worker } = await start(memory, 'stall')
    await thread.terminate()
    const descriptors = Array.from({ length: 50 }, () => fs.openSync(script, 'r'))
    expect(main.region.isDead(worker)).toBe(true)
    for (const descriptor of descriptors) fs.closeSync(descriptor)
  })

  it('is not mistaken for the thread that has its descriptor now', async () => {
    const memory = createZoneBuffer(small)
    const main = join(memory)
    const first = await start(memory, 'stall')
    await first.thread.terminate()
    const second = await start(memory, 'stall')
    const third = await start(memory, 'stall')
    expect(second.worker).toBe(first.worker)
    expect([second.worker, third.worker].map((worker) => main.region.isDead(worker))).toEqual([false, false])
    await second.thread.terminate()
    expect([second.worker, third.worker].map((worker) => main.region.isDead(worker))).toEqual([true, false])
  })
})

describe('a thread that is blocked', () => {
  it('lives: nobody takes its place', async () => {
    const memory = createZoneBuffer({ ...small, maxWorkers: 2 })
    const main = join(memory)
    const { worker } = await start(memory, 'block')
    await turns()
    expect(main.region.isDead(worker)).toBe(false)
    expect(() => join(memory)).toThrow('full')
  })
})

describe('a thread that comes to its end without closing its bus', () => {
  it('gives its place back', async () => {
    const memory = createZoneBuffer(small)
    const main = open(memory)
    const { ended, worker } = await start(memory, 'leave')
    await ended
    expect(main.inspect().workers.map(({ id }) => id)).toEqual([main.worker])
    expect(open(memory).worker).toBe(worker)
  })
})

describe('threads that are terminated in the midst of publishing', () => {
  it('leave no torn event, no held entry and no lost place, time and again', async () => {
    const memory = createZoneBuffer({ ...small, ringSize: 16 })
    const bus = WorkerEvents.open({
      zone: memory,
      lifecycle: false,
      pollInterval: 0,
      waitMax: 0,
      onMissed: () => undefined,
    })
    ends.push(() => bus.close())
    let events = 0
    let last = 0
    const wrong: unknown[] = []
    bus.subscribe((payload, { generation }) => {
      const text = payload as string
      const isWhole = text === text.slice(0, 1).repeat(text.length)
      if (!isWhole || generation <= last) wrong.push({ text, generation, last })
      last = generation
      events++
    })
    const places = new Set<number>()
    for (let round = 0; round < 6; round++) {
      const seen = events
      const { thread, worker } = await start(memory, 'publish')
      places.add(worker)
      await until(() => {
        bus.poll()
        return events > seen + 200
      })
      await thread.terminate()
    }
    expect(wrong).toEqual([])
    expect(places.size).toBe(1)
    for (let count = 0; count < 32; count++) expect(bus.publish('parcel', 'sent', 'x')).toBeGreaterThan(0)
    const main = join(memory)
    expect([...main.zone.states].filter((word) => (word & 1) === 1)).toEqual([])
  }, 20_000)
})
