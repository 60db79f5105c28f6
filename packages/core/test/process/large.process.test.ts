/** A payload that spans many entries crosses the ring whole, between small ones and over its end. */
import type { Missed } from '../../dist/index.js'
import { fleetOfEachTest } from './fleet.js'

const ROUNDS = 20
const PER_ROUND = 5
const LARGE = 100_000

const fleet = fleetOfEachTest()

interface Report {
  readonly received: { generation: number; worker: number; bytes: number; kind: string; isIntact: boolean }[]
  readonly missed: Missed[]
}

describe('payloads of 100 kB in a ring of 1,024 entries of 512 bytes', () => {
  it('cross between two processes that both send them, each intact and in one order, between small ones', async () => {
    const workers = await fleet.now.launchAll(2, 'parcel.mjs')
    for (const worker of workers) await worker.order('open', { ringSize: 1024, entryPayload: 512 })
    const sent = await Promise.all(workers.map((worker) => worker.order<number[]>('send', ROUNDS)))
    await Promise.all(workers.map((worker) => worker.order('drained')))
    const [first, second] = await Promise.all(workers.map((worker) => worker.order<Report>('report')))
    expect(first).toEqual(second)
    const { received, missed } = first
    expect(missed).toEqual([])
    expect(received.filter(({ isIntact }) => !isIntact)).toEqual([])
    expect(received.map(({ generation }) => generation)).toEqual(sent.flat().sort((a, b) => a - b))
    const large = received.filter(({ bytes }) => bytes === LARGE)
    expect(large).toHaveLength(2 * ROUNDS * 2)
    expect(received).toHaveLength(2 * ROUNDS * PER_ROUND)
    expect(new Set(large.map(({ kind }) => kind))).toEqual(new Set(['ascii', 'two', 'bytes']))
    // So much went round that events lay over the end of the ring.
    expect(Math.max(...sent.flat())).toBeGreaterThan(10 * 1024)
  })
})
