/** The threads of one process and other processes are workers of one zone alike. */
import type { Inspection, Missed, WorkerEvent } from '../../dist/index.js'
import { type Member, fleetOfEachTest } from './fleet.js'

const EACH = 2000
const RING = { ringSize: 16_384, entryPayload: 64 }

const fleet = fleetOfEachTest()

/** A process, or a thread of one, as a worker of the zone. */
interface Worker {
  order<Result>(name: string, ...given: unknown[]): Promise<Result>
}

interface Report {
  readonly received: WorkerEvent[]
  readonly missed: Missed[]
}

async function hire(process: Member): Promise<Worker & { dismiss(): Promise<unknown> }> {
  const number = await process.order<number>('hire')
  return {
    order: (name, ...given) => process.order('tell', number, name, ...given),
    dismiss: () => process.order('dismiss', number),
  }
}

async function openAll(workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) await worker.order('open', RING)
}

describe('two threads, the main thread of their process, and another process', () => {
  it('publish at once into one zone and all see the same sequence, without loss', async () => {
    const [process, other] = await fleet.now.launchAll(2, 'worker.mjs')
    const workers: Worker[] = [await hire(process), await hire(process), process, other]
    await openAll(workers)
    const publishing = workers.map((worker, name) => {
      return worker.order<number[]>('publishMany', { name, count: EACH, perTurn: 20 })
    })
    const generations = (await Promise.all(publishing)).flat().sort((a, b) => a - b)
    await Promise.all(workers.map((worker) => worker.order('caughtUp', generations.at(-1))))
    const [first, ...others] = await Promise.all(workers.map((worker) => worker.order<Report>('report')))
    expect(first.received.map(({ generation }) => generation)).toEqual(generations)
    expect(generations).toHaveLength(workers.length * EACH)
    for (const report of others) expect(report).toEqual(first)
  })

  it('are four workers, told apart by process and thread', async () => {
    const [process, other] = await fleet.now.launchAll(2, 'worker.mjs')
    await openAll([await hire(process), await hire(process), process, other])
    const { workers } = await other.order<Inspection>('inspect')
    expect(workers.map(({ pid }) => pid)).toEqual([process.pid, process.pid, process.pid, other.pid])
    expect(new Set(workers.slice(0, 3).map(({ thread }) => thread)).size).toBe(3)
  })
})

describe('a thread that is terminated while it publishes', () => {
  it('is gone from the zone at once, and hinders neither its process nor the other', async () => {
    const [process, other] = await fleet.now.launchAll(2, 'worker.mjs')
    for (let round = 0; round < 10; round++) {
      const thread = await hire(process)
      if (round === 0) await openAll([process, other])
      await openAll([thread])
      const name = `thread-${round}`
      void thread.order('publishOn', { name, perTurn: 50 }).catch(() => undefined)
      await other.order('heard', { [name]: 500 })
      await thread.dismiss()
      const { workers } = await other.order<Inspection>('inspect')
      expect(workers.map(({ pid }) => pid)).toEqual([process.pid, other.pid])
      await other.order('caughtUp', await process.order('publish', 'load', 'item'))
    }
    for (const worker of [process, other]) {
      const { missed } = await worker.order<Report>('report')
      expect(missed).toEqual([])
    }
  })
})
