/** Many processes that open one zone at the same instant get one zone, whole, with everybody attached. */
import fs from 'node:fs'
import type { Inspection } from '../../dist/index.js'
import { type Member, fleetOfEachTest } from './fleet.js'

const PROCESSES = 20
const ROUNDS = 10

const fleet = fleetOfEachTest()

interface Place {
  readonly worker: number
  readonly epoch: string
}

/** Has all open a zone at one instant. */
async function openAtOnce(members: Member[], zone: string): Promise<Place[]> {
  const moment = process.hrtime.bigint() + 30_000_000n
  return Promise.all(members.map((member) => member.order<Place>('openAt', moment, { zone })))
}

describe('200 simultaneous creations, 20 processes at a time', () => {
  it('give one zone each time, one epoch and one file, with every process attached', async () => {
    const members = await fleet.now.launchAll(PROCESSES, 'worker.mjs')
    const everybody = members.map(({ pid }) => pid).sort()
    for (let round = 0; round < ROUNDS; round++) {
      const places = await openAtOnce(members, `round-${round}`)
      expect(new Set(places.map(({ epoch }) => epoch)).size).toBe(1)
      expect(places.map(({ worker }) => worker).sort((a, b) => a - b)).toEqual([...Array(PROCESSES).keys()])
      for (const member of members) {
        const { workers } = await member.order<Inspection>('inspect')
        expect(workers.map(({ pid }) => pid).sort()).toEqual(everybody)
      }
    }
    const inodes = await Promise.all(members.map((member) => member.order<string[]>('mapped', fleet.now.directory)))
    for (const ofOne of inodes) expect(ofOne).toHaveLength(ROUNDS)
    expect(new Set(inodes.flat()).size).toBe(ROUNDS)
    // Of each zone there is the file and its bell; what the other creators wrote is gone.
    expect(fs.readdirSync(fleet.now.directory)).toHaveLength(2 * ROUNDS)
  }, 60_000)
})
