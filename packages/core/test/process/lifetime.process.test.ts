/** How long a process lives with an open bus, and what the others learn of its end. */
import type { Inspection, WorkerEvent } from '../../dist/index.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const fleet = fleetOfEachTest()

/** A worker that watches the others come and go. */
async function observe(): Promise<Member> {
  const observer = await fleet.now.launch('worker.mjs')
  await observer.order('open')
  return observer
}

/** What has been heard of a process, as channel and type. */
async function heardOf(observer: Member, pid: number): Promise<string[]> {
  const { received } = await observer.order<{ received: WorkerEvent[] }>('report')
  return received.filter((event) => event.pid === pid).map(({ channel, type }) => `${channel} ${type}`)
}

async function everythingSoFar(observer: Member): Promise<void> {
  await observer.order('caughtUp', await observer.order('publish', 'mark', 'here'))
}

describe('a process with an open bus and nothing else to do', () => {
  it.each(['nothing', 'unref'])('exits by itself with code 0 (%s)', async (ending) => {
    expect(await fleet.now.start('idle.mjs', [ending]).ended).toEqual({ code: 0, signal: null })
  })

  it('stays while the bus is ref’d, works, and exits with code 0 when it is closed', async () => {
    const observer = await observe()
    const staying = fleet.now.start('idle.mjs', ['ref'])
    await until('it has opened the bus', async () => (await heardOf(observer, staying.pid)).length === 1)
    // One that is not ref'd comes and goes; the other is still there after it.
    await fleet.now.start('idle.mjs', ['nothing']).ended
    await observer.order('publish', 'control', 'ping')
    await until('it answers', async () => (await heardOf(observer, staying.pid)).includes('control pong'))
    await observer.order('publish', 'control', 'close')
    expect(await staying.ended).toEqual({ code: 0, signal: null })
  })
})

describe('the end of a process that has not closed its bus', () => {
  it.each([
    ['nothing', 0],
    ['exit', 3],
    ['throw', 1],
    ['reject', 1],
  ])('is published as `stopping` if it is a normal one (%s), and its exit code stays %i', async (ending, code) => {
    const observer = await observe()
    const leaving = fleet.now.start('idle.mjs', [ending])
    expect(await leaving.ended).toEqual({ code, signal: null })
    await everythingSoFar(observer)
    expect(await heardOf(observer, leaving.pid)).toEqual(['worker-events started', 'worker-events stopping'])
    const { workers } = await observer.order<Inspection>('inspect')
    expect(workers.map(({ pid }) => pid)).toEqual([observer.pid])
  })

  it('is silent if it was killed, and its place is free again', async () => {
    const observer = await observe()
    const killed = fleet.now.start('idle.mjs', ['ref'])
    await until('it has opened the bus', async () => (await heardOf(observer, killed.pid)).length === 1)
    const before = await observer.order<Inspection>('inspect')
    await killed.kill()
    await everythingSoFar(observer)
    expect(await heardOf(observer, killed.pid)).toEqual(['worker-events started'])
    const after = await observer.order<Inspection>('inspect')
    expect(after.workers.map(({ pid }) => pid)).toEqual([observer.pid])
    const next = await fleet.now.launch('worker.mjs')
    const { worker } = await next.order<{ worker: number }>('open')
    expect(worker).toBe(before.workers.find(({ pid }) => pid === killed.pid)?.id)
  })
})
