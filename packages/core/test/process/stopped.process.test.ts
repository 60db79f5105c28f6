/** Who is stopped, or killed, in the midst of a publish or anywhere else stops nobody, and nothing is torn when it goes on. */
import type { OpenOptions } from '../../dist/index.js'
import { Verdict } from './chronicle.js'
import { fleetOfEachTest, until } from './fleet.js'
import { holdersIn } from './slots.js'
import { type Role, Witness, ZONE, calm } from './witness.js'

const CAPACITY = 128
const OPTIONS = { ringSize: CAPACITY, entryPayload: 512, maxWorkers: 8, uniqueKeys: 16, lifecycle: false }
const PUBLISHER: Role = { reads: false, publishes: true, pause: 0 }
const READER: Role = { reads: true, publishes: false, pause: 0 }
const BOTH: Role = { reads: true, publishes: true, pause: 2 }
/** Publishes only what it is told to. */
const SPEAKER: Role = { reads: false, publishes: false, pause: 0 }

const fleet = fleetOfEachTest()
const SEED = 1

async function enlist(roles: readonly Role[], options: Partial<OpenOptions> = OPTIONS): Promise<Witness[]> {
  const witnesses = roles.map((role, index) => new Witness(fleet.now, index + 1, SEED, role, options))
  await Promise.all(witnesses.map(({ begun }) => begun))
  return witnesses
}

function violations(witnesses: readonly Witness[]): string[] {
  return new Verdict(witnesses.map(({ life }) => life)).violations.slice(0, 20)
}

/** Resolves when a witness has published and received or lost so many more. */
async function advance(witness: Witness, count: number): Promise<void> {
  const before = await witness.progress()
  await until('it publishes and receives', async () => {
    const now = await witness.progress()
    const heard = now.received + now.missed - before.received - before.missed
    return now.published - before.published >= count && heard >= count
  })
}

async function readsBeyond(reader: Witness, generation: number): Promise<void> {
  await until('it reads on', async () => (await reader.cursor()) >= generation)
}

async function publishesOn(publisher: Witness): Promise<void> {
  const { published } = await publisher.progress()
  await until('it publishes on', async () => (await publisher.progress()).published > published)
}

describe('a publisher that is stopped in the midst of a publish', () => {
  it('stops nobody, however often the ring goes round, and tears nothing when it goes on', async () => {
    const [stopped, ...others] = await enlist([PUBLISHER, BOTH, BOTH])
    for (let round = 0; round < 5; round++) {
      expect(await stopped.stopInPublish()).toBe(true)
      await Promise.all(others.map((other) => advance(other, 3 * CAPACITY)))
      // What it was writing stays its own: nobody else may write there while it lives.
      expect(stopped.slotsHeld).toBeGreaterThan(0)
      stopped.member.resume()
      await publishesOn(stopped)
    }
    await calm([stopped, ...others])
    expect(violations([stopped, ...others])).toEqual([])
    expect(holdersIn(fleet.now.directory, ZONE)).toEqual([])
  })

  it('is lapped thousands of times on a tiny ring, and tears nothing when it goes on', async () => {
    const ringSize = 16
    const eager: Role = { reads: true, publishes: true, pause: 0 }
    const [stopped, other] = await enlist([PUBLISHER, eager], { ...OPTIONS, ringSize })
    expect(await stopped.stopInPublish()).toBe(true)
    // Each event is one entry at least.
    await advance(other, 3000 * ringSize)
    expect(stopped.slotsHeld).toBeGreaterThan(0)
    stopped.member.resume()
    await publishesOn(stopped)
    await calm([stopped, other])
    expect(violations([stopped, other])).toEqual([])
  })

  it('is passed by at its unfinished entry, and publishes that event under a new generation', async () => {
    const [stopped, reader, speaker] = await enlist([PUBLISHER, READER, SPEAKER])
    for (let round = 0; round < 10; round++) {
      expect(await stopped.stopInPublish()).toBe(true)
      await readsBeyond(reader, await speaker.publish(1))
      stopped.member.resume()
      await publishesOn(stopped)
    }
    await calm([stopped, reader, speaker])
    // Among others: of what its publish() acknowledged, nothing is missing at the reader.
    expect(violations([stopped, reader, speaker])).toEqual([])
    expect(holdersIn(fleet.now.directory, ZONE)).toEqual([])
  })
})

describe('a publisher that is stopped in the midst of a large publish', () => {
  it('is waited for once, not for each entry of it', async () => {
    const options = { ...OPTIONS, waitMax: 2000 }
    const [stopped, reader, speaker] = await enlist([PUBLISHER, READER, SPEAKER], options)
    expect(await stopped.stopInPublish(20)).toBe(true)
    await readsBeyond(reader, await speaker.publish(1))
  })
})

describe('a publisher that is killed in the midst of a publish', () => {
  it('leaves an entry that readers pass, and slots that whoever comes to them takes over', async () => {
    const [killed, reader, speaker] = await enlist([PUBLISHER, READER, SPEAKER])
    expect(await killed.stopInPublish()).toBe(true)
    await killed.kill()
    await readsBeyond(reader, await speaker.publish(1))
    await speaker.publish(CAPACITY)
    await calm([reader, speaker])
    expect(violations([killed, reader, speaker])).toEqual([])
    expect(holdersIn(fleet.now.directory, ZONE)).toEqual([])
  })

  it('has its slots freed by the next who takes its place', async () => {
    const [killed] = await enlist([PUBLISHER])
    expect(await killed.stopInPublish()).toBe(true)
    await killed.kill()
    expect(killed.slotsHeld).toBeGreaterThan(0)
    const heir = new Witness(fleet.now, 2, SEED, SPEAKER, OPTIONS)
    await heir.begun
    expect(heir.place).toBe(killed.place)
    expect(holdersIn(fleet.now.directory, ZONE)).toEqual([])
  })
})

describe('a reader that is stopped', () => {
  it('holds nobody up, reports what it missed when it goes on, and reads on', async () => {
    const [stopped, ...others] = await enlist([READER, BOTH, BOTH])
    for (let round = 0; round < 5; round++) {
      const before = await stopped.progress()
      await stopped.member.stop()
      await Promise.all(others.map((other) => advance(other, 3 * CAPACITY)))
      stopped.member.resume()
      await until('it reports a loss and receives again', async () => {
        const now = await stopped.progress()
        return now.missed > before.missed && now.received > before.received
      })
    }
    await calm([stopped, ...others])
    expect(violations([stopped, ...others])).toEqual([])
  })
})
