/** Many processes that open one zone at the same instant get one zone, whole, with everybody attached. */
import fs from 'node:fs'
import path from 'node:path'
import type { Inspection } from '../../dist/index.js'
import { type Member, fleetOfEachTest, until } from './fleet.js'

const PROCESSES = 20
const ROUNDS = 10

const fleet = fleetOfEachTest()

interface Place {
  readonly worker: number
  readonly epoch: string
}

/** Has all open a zone at one instant, and checks that they share one life of it. */
async function openAtOnce(members: readonly Member[], options: object): Promise<void> {
  const moment = process.hrtime.bigint() + 30_000_000n
  const places = await Promise.all(members.map((member) => member.order<Place>('openAt', moment, options)))
  expect(new Set(places.map(({ epoch }) => epoch)).size).toBe(1)
  expect(places.map(({ worker }) => worker).sort((a, b) => a - b)).toEqual([...members.keys()])
  const everybody = members.map(({ pid }) => pid).sort()
  for (const member of members) {
    const { workers } = await member.order<Inspection>('inspect')
    expect(workers.map(({ pid }) => pid).sort()).toEqual(everybody)
  }
}

/** The kernel's account of what the processes have mapped: one and the same file for each zone. */
async function expectSharedFiles(members: readonly Member[], zones: number): Promise<void> {
  const inodes = await Promise.all(members.map((member) => member.order<string[]>('mapped', fleet.now.directory)))
  for (const ofOne of inodes) expect(ofOne).toHaveLength(zones)
  expect(new Set(inodes.flat()).size).toBe(zones)
  // Of each zone there is the file and its bell; what the other creators wrote is gone.
  expect(fs.readdirSync(fleet.now.directory)).toHaveLength(2 * zones)
}

describe('200 simultaneous creations, 20 processes at a time', () => {
  it('give one zone each time, one epoch and one file, with every process attached', async () => {
    const members = await fleet.now.launchAll(PROCESSES, 'worker.mjs')
    for (let round = 0; round < ROUNDS; round++) await openAtOnce(members, { zone: `zone-${round}` })
    await expectSharedFiles(members, ROUNDS)
  })

  it('do so too where an unused zone of other dimensions must be made anew', async () => {
    const members = await fleet.now.launchAll(PROCESSES, 'worker.mjs')
    const maker = await fleet.now.launch('worker.mjs')
    for (let round = 0; round < ROUNDS; round++) await maker.order('open', { zone: `zone-${round}`, ringSize: 64 })
    await maker.kill()
    for (let round = 0; round < ROUNDS; round++) await openAtOnce(members, { zone: `zone-${round}`, ringSize: 65 })
    await expectSharedFiles(members, ROUNDS)
  })
})

describe('a creator that is killed while it makes a zone', () => {
  const draftsIn = (directory: string): string[] => fs.readdirSync(directory).filter((file) => file.endsWith('.draft'))

  it('leaves no zone but a draft, which hinders nobody and is removed by a creator a minute later', async () => {
    const { directory } = fleet.now
    const [creator, next] = await fleet.now.launchAll(2, 'worker.mjs')
    const opening = creator.order('open', { ringSize: 1 << 19 }).catch(() => 'killed')
    await until('it writes its draft', () => draftsIn(directory).length > 0, 15_000, 0)
    await creator.kill()
    expect(await opening).toBe('killed')
    const [draft] = draftsIn(directory)
    expect(fs.existsSync(path.join(directory, 'fleet.zone'))).toBe(false)
    await next.order('open')
    expect(draftsIn(directory)).toEqual([draft])
    const longAgo = new Date(Date.now() - 61_000)
    fs.utimesSync(path.join(directory, draft), longAgo, longAgo)
    await next.order('close')
    await next.order('open', { ringSize: 65 })
    expect(fs.readdirSync(directory).filter((file) => file.endsWith('.zone'))).toEqual(['fleet.zone'])
    expect(draftsIn(directory)).toEqual([])
  })
})
