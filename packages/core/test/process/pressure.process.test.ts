/** Back-pressure: a ring that rejects rather than overwrites, and publishers that wait until the others have caught up. */
import fs from 'node:fs'
import path from 'node:path'
import type { Missed, WorkerEvent } from '../../dist/index.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const CAPACITY = 32
const REJECTING = { ringSize: CAPACITY, entryPayload: 64, overflow: 'reject' }
const COUNT = 600

const fleet = fleetOfEachTest()

interface Report {
  readonly received: WorkerEvent<{ counter: number }>[]
  readonly missed: Missed[]
  readonly errors: unknown[]
}

interface Refusal {
  readonly count: number
  readonly code: string
}

async function openAll(count: number): Promise<Member[]> {
  const workers = await fleet.now.launchAll(count, 'worker.mjs')
  for (const worker of workers) await worker.order('open', REJECTING)
  return workers
}

async function expectEverything(readers: readonly Member[], count: number): Promise<void> {
  await Promise.all(readers.map((reader) => reader.order('heard', { publisher: count })))
  for (const reader of readers) {
    const { received, missed, errors } = await reader.order<Report>('report')
    expect([missed, errors]).toEqual([[], []])
    expect(received.map(({ payload: { counter } }) => counter)).toEqual([...Array(count).keys()])
  }
}

/** Has a reader stand in a handler; resolves with what lets it go on. */
async function holdInHandler(publisher: Member, reader: Member): Promise<() => void> {
  const gate = path.join(fleet.now.directory, 'gate')
  await publisher.order('publish', 'load', 'item', { gate, waiting: reader.pid })
  await until('the reader is in its handler', () => fs.existsSync(`${gate}-reached`))
  return () => {
    fs.writeFileSync(gate, '')
  }
}

describe('a publisher that awaits drained() before each publish', () => {
  it('loses nothing at three readers that are slow, in a ring of 32 entries', async () => {
    const [publisher, ...readers] = await openAll(4)
    for (const [index, reader] of readers.entries()) await reader.order('slowDown', index + 1)
    await publisher.order('publishPaced', { name: 'publisher', count: COUNT, below: CAPACITY - 1 })
    await expectEverything(readers, COUNT)
  })

  it('loses nothing at the others when a reader is killed meanwhile', async () => {
    const [publisher, ...readers] = await openAll(4)
    for (const reader of readers) await reader.order('slowDown', 2)
    const publishing = publisher.order('publishPaced', { name: 'publisher', count: COUNT, below: CAPACITY - 1 })
    const [killed, ...others] = readers
    await killed.order('heard', { publisher: COUNT / 4 })
    await killed.kill()
    await publishing
    await expectEverything(others, COUNT)
  })
})

describe('a ring that rejects', () => {
  it('takes as many events as it has entries while a reader stands still, and throws ERR_RING_FULL for the next', async () => {
    const [publisher, reader] = await openAll(2)
    const letGo = await holdInHandler(publisher, reader)
    // The event that the reader stands at is one of them.
    expect(await publisher.order('publishUntilRefused')).toEqual({ count: CAPACITY - 1, code: 'ERR_RING_FULL' })
    letGo()
    await publisher.order('drained')
    const { received, missed } = await reader.order<Report>('report')
    expect(received).toHaveLength(CAPACITY)
    expect(missed).toEqual([])
    expect(await publisher.order('publish', 'load', 'item')).toBe(CAPACITY + 1)
  })

  it('takes no more than that from two publishers together', async () => {
    const [publisher, other, reader] = await openAll(3)
    await holdInHandler(publisher, reader)
    const results = await Promise.all([publisher, other].map((each) => each.order<Refusal>('publishUntilRefused')))
    expect(results.map(({ code }) => code)).toEqual(['ERR_RING_FULL', 'ERR_RING_FULL'])
    expect(results[0].count + results[1].count).toBe(CAPACITY - 1)
  })

  it('is free again at once when the reader that stood still is killed', async () => {
    const [publisher, reader] = await openAll(2)
    await holdInHandler(publisher, reader)
    await publisher.order('publishUntilRefused')
    await reader.kill()
    await publisher.order('drained')
    expect(await publisher.order('publish', 'load', 'item')).toBe(CAPACITY + 1)
  })

  it('is not held for ever by a reader that is stopped, which reports what it missed when it goes on', async () => {
    const [publisher, reader] = await openAll(2)
    await reader.stop()
    await publisher.order('publishUntilRefused')
    await publisher.order('drained')
    const last = await publisher.order('publish', 'load', 'item')
    expect(last).toBe(CAPACITY + 1)
    reader.resume()
    await reader.order('caughtUp', last)
    const { received, missed } = await reader.order<Report>('report')
    expect(missed).toEqual([{ from: 1, to: 1, count: 1 }])
    expect(received).toHaveLength(CAPACITY)
  })
})
