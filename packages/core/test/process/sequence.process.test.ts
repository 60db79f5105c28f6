/** One sequence for all: what several processes publish at once reaches each of them in the same order, or is counted. */
import type { Missed, WorkerEvent } from '../../dist/index.js'
import { type Member, fleetOfEachTest } from './fleet.js'

const fleet = fleetOfEachTest()
const WORKERS = 4
const EACH = 5000
const TOTAL = WORKERS * EACH

interface Item {
  readonly name: number
  readonly counter: number
}

interface Report {
  readonly received: WorkerEvent<Item>[]
  readonly missed: Missed[]
  readonly errors: unknown[]
}

/** Has all workers publish at once; returns the generations that they were given, by worker. */
async function publishAtOnce(workers: Member[], perTurn: number): Promise<number[][]> {
  return Promise.all(
    workers.map((worker, name) => worker.order<number[]>('publishMany', { name, count: EACH, perTurn })),
  )
}

async function allCaughtUp(workers: Member[], generations: number[][]): Promise<void> {
  const end = Math.max(...generations.flat())
  await Promise.all(workers.map((worker) => worker.order('caughtUp', end)))
}

async function openAll(ringSize: number): Promise<Member[]> {
  const workers = await fleet.now.launchAll(WORKERS, 'worker.mjs')
  for (const worker of workers) await worker.order('open', { ringSize, entryPayload: 64 })
  return workers
}

async function reports(workers: Member[]): Promise<Report[]> {
  return Promise.all(workers.map((worker) => worker.order<Report>('report')))
}

/** An event as one line, so that two workers can be compared. */
function line({ generation, worker, payload }: WorkerEvent<Item>): string {
  return `${generation} ${worker} ${payload.name} ${payload.counter}`
}

function expectAscending(numbers: readonly number[]): void {
  expect(numbers.filter((number, index) => index > 0 && number <= numbers[index - 1])).toEqual([])
}

/** What was published, by generation, as the publishers say. */
function published(generations: number[][]): Map<number, Item> {
  const byGeneration = new Map<number, Item>()
  generations.forEach((ofOne, name) => {
    ofOne.forEach((generation, counter) => byGeneration.set(generation, { name, counter }))
  })
  return byGeneration
}

describe('four processes that publish 5,000 events each at once', () => {
  it.each([1, 50, EACH])(
    'all see one identical sequence without loss if the ring is large enough (%i in a turn)',
    async (perTurn) => {
      const workers = await openAll(2 * TOTAL)
      const generations = await publishAtOnce(workers, perTurn)
      await allCaughtUp(workers, generations)
      const [first, ...others] = await reports(workers)
      const lines = first.received.map(line)
      for (const other of others) expect(other.received.map(line)).toEqual(lines)
      for (const { missed, errors } of [first, ...others]) expect([missed, errors]).toEqual([[], []])
      const expected = [...published(generations)].sort(([a], [b]) => a - b)
      expect(first.received.map(({ generation, payload }) => [generation, payload])).toEqual(expected)
      expect(expected).toHaveLength(TOTAL)
    },
  )

  it.each([1, 50, EACH])(
    'each receive or count as missed every one of them if the ring has 64 entries (%i in a turn)',
    async (perTurn) => {
      const workers = await openAll(64)
      const generations = await publishAtOnce(workers, perTurn)
      const byGeneration = published(generations)
      expect(byGeneration.size).toBe(TOTAL)
      await allCaughtUp(workers, generations)
      for (const { received, missed, errors } of await reports(workers)) {
        expect(errors).toEqual([])
        expectAscending(received.map(({ generation }) => generation))
        expectAscending(missed.flatMap(({ from, to }) => [from, to + 0.5]))
        for (const { from, to, count } of missed) expect(count).toBe(to - from + 1)
        // Whoever received a generation received the event that its publisher was told to have published there.
        for (const { generation, payload } of received) expect(payload).toEqual(byGeneration.get(generation))
        const gaps = missed.flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => from + index))
        // A publisher that is too slow takes another generation, and leaves one without an event.
        const empty = gaps.filter((generation) => !byGeneration.has(generation))
        expect(received.length + gaps.length - empty.length).toBe(TOTAL)
        expect(new Set([...received.map(({ generation }) => generation), ...gaps]).size).toBe(
          received.length + gaps.length,
        )
      }
    },
  )
})
