/** The one worker that looks for all: whatever happens to it, before long another does. */
import fs from 'node:fs'
import path from 'node:path'
import { Header } from '../../src/layout.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const fleet = fleetOfEachTest()

/** Place of the worker that looks for all, by the zone's memory; -1 if nobody does. */
function lookout(): number {
  const word = Buffer.alloc(4)
  const fd = fs.openSync(path.join(fleet.now.directory, 'fleet.zone'), 'r')
  fs.readSync(fd, word, 0, 4, Header.lookout)
  fs.closeSync(fd)
  return word.readInt32LE() - 1
}

/** The workers, by their places. */
async function openAll(count: number): Promise<Map<number, Member>> {
  const members = await fleet.now.launchAll(count, 'worker.mjs')
  const places = members.map((member) => member.order<{ worker: number }>('open', { pollInterval: 20 }))
  return new Map((await Promise.all(places)).map(({ worker }, index) => [worker, members[index]]))
}

async function another(than: number): Promise<number> {
  await until('another looks', () => lookout() !== than && lookout() !== -1)
  return lookout()
}

describe('a lookout', () => {
  it('that is killed, or stopped, is relieved, and takes no post back when it goes on', async () => {
    const workers = await openAll(3)
    const first = await another(-1)
    await workers.get(first)?.kill()
    workers.delete(first)
    const second = await another(first)
    await workers.get(second)?.stop()
    const third = await another(second)
    expect(new Set([first, second, third])).toEqual(new Set([0, 1, 2]))
    workers.get(second)?.resume()
    // It answers only once it goes on.
    await workers.get(second)?.order('publish', 'load', 'item', { name: 'resumed', counter: 0 })
    await Promise.all([...workers.values()].map((worker) => worker.order('heard', { resumed: 1 })))
    expect(lookout()).toBe(third)
  })
})
