/** A zone whose file is removed and made anew under its workers: they notice, go on in its new life, and lose nothing. */
import fs from 'node:fs'
import path from 'node:path'
import type { Missed, WorkerEvent } from '../../dist/index.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const RING = { ringSize: 1 << 16, entryPayload: 64 }

const fleet = fleetOfEachTest()

interface Report {
  readonly received: WorkerEvent<{ name: string; counter: number }>[]
  readonly missed: Missed[]
  readonly errors: unknown[]
}

async function openAll(workers: readonly Member[]): Promise<void> {
  for (const worker of workers) await worker.order('open', RING)
}

async function epochOf(worker: Member): Promise<string> {
  return (await worker.order<{ epoch: string }>('place')).epoch
}

/** Removes the zone's file and has a process that never knew it make the zone anew. */
async function makeAnew(): Promise<Member> {
  const newcomer = await fleet.now.launch('worker.mjs')
  fs.rmSync(path.join(fleet.now.directory, 'fleet.zone'))
  await openAll([newcomer])
  return newcomer
}

async function allGoOver(workers: readonly Member[], newcomer: Member): Promise<void> {
  const epoch = await epochOf(newcomer)
  await until('every worker is in the new life', async () => {
    return (await Promise.all(workers.map(epochOf))).every((each) => each === epoch)
  })
}

describe('a zone that is removed and made anew under idle workers', () => {
  it('has them go on at generation 1 of its new life, with what was published before they noticed', async () => {
    const workers = await fleet.now.launchAll(2, 'worker.mjs')
    await openAll(workers)
    expect(await workers[0].order('publish', 'load', 'item', { name: 'before', counter: 0 })).toBe(1)
    await Promise.all(workers.map((worker) => worker.order('heard', { before: 1 })))
    const newcomer = await makeAnew()
    expect(await newcomer.order('publishMany', { name: 'new', count: 3, perTurn: 3 })).toEqual([1, 2, 3])
    await allGoOver(workers, newcomer)
    expect(await workers[0].order('publish', 'load', 'item', { name: 'after', counter: 0 })).toBe(4)
    await Promise.all([...workers, newcomer].map((worker) => worker.order('heard', { after: 1 })))
    for (const worker of workers) {
      const { received, missed, errors } = await worker.order<Report>('report')
      expect(received.map(({ generation }) => generation)).toEqual([1, 1, 2, 3, 4])
      expect(received.map(({ payload: { name } }) => name)).toEqual(['before', 'new', 'new', 'new', 'after'])
      expect([missed, errors]).toEqual([[], []])
    }
  })
})

describe('a zone that is removed and made anew under workers that never poll', () => {
  it('has them hear of it by the bell of the old life, which its maker strikes', async () => {
    const workers = await fleet.now.launchAll(2, 'worker.mjs')
    for (const worker of workers) await worker.order('open', { ...RING, pollInterval: 2 ** 31 - 1 })
    const newcomer = await makeAnew()
    await allGoOver(workers, newcomer)
    await newcomer.order('publish', 'load', 'item', { name: 'new', counter: 0 })
    await Promise.all(workers.map((worker) => worker.order('heard', { new: 1 })))
  })
})

describe('a worker that goes over late to the new life of its zone', () => {
  it('has what it published in the old life delivered before what it publishes in the new one', async () => {
    const [reader, late] = await fleet.now.launchAll(2, 'worker.mjs')
    await openAll([reader])
    await late.order('open', { ...RING, pollInterval: 0 })
    const newcomer = await makeAnew()
    await allGoOver([reader], newcomer)
    // While a handler of the new life runs, the late one publishes in the old life, goes over, and publishes there.
    const gate = path.join(fleet.now.directory, 'gate')
    await newcomer.order('publish', 'load', 'item', { gate, waiting: reader.pid })
    await until('the reader is at the gate', () => fs.existsSync(`${gate}-reached`))
    await late.order('publish', 'load', 'item', { name: 'late', counter: 0 })
    await late.order('poll')
    expect(await epochOf(late)).toBe(await epochOf(newcomer))
    await late.order('publish', 'load', 'item', { name: 'late', counter: 1 })
    fs.writeFileSync(gate, '')
    await reader.order('heard', { late: 2 })
    const { received } = await reader.order<Report>('report')
    expect(received.map(({ payload: { counter } }) => counter)).toEqual([undefined, 0, 1])
  })
})

describe('a zone that is removed and made anew, again and again, under workers that publish', () => {
  it('loses, repeats and reorders nothing of any publisher at any worker', async () => {
    const workers = await fleet.now.launchAll(3, 'worker.mjs')
    await openAll(workers)
    const names = ['a', 'b', 'c']
    const totals = names.map((name, index) => workers[index].order<number>('publishOn', { name, perTurn: 5 }))
    for (let round = 0; round < 6; round++) {
      const newcomer = await makeAnew()
      await allGoOver(workers, newcomer)
      await newcomer.kill()
    }
    await Promise.all(workers.map((worker) => worker.order('pause')))
    const counts = Object.fromEntries((await Promise.all(totals)).map((total, index) => [names[index], total]))
    await Promise.all(workers.map((worker) => worker.order('heard', counts)))
    for (const worker of workers) {
      const { received, missed, errors } = await worker.order<Report>('report')
      expect([missed, errors]).toEqual([[], []])
      for (const name of names) {
        const counters = received.filter(({ payload }) => payload.name === name).map(({ payload }) => payload.counter)
        expect(counters).toEqual([...Array(counts[name]).keys()])
      }
    }
  })
})
