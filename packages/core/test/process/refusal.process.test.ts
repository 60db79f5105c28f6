/** What a zone refuses while others use it, what is made anew when nobody does, and what is never touched. */
import fs from 'node:fs'
import path from 'node:path'
import { HEADER_BYTES, Header } from '../../src/layout.js'
import { type Fleet, type Member, fleetOfEachTest } from './fleet.js'

const fleet = fleetOfEachTest()
const STRANGER = 54_321

interface Place {
  readonly epoch: string
  readonly capacity: number
}

function zoneFile({ directory }: Fleet): string {
  return path.join(directory, 'fleet.zone')
}

async function open(member: Member, options: object = {}): Promise<Place> {
  return member.order<Place>('open', options)
}

async function expectRefusal(member: Member, code: string, options: object = {}): Promise<void> {
  await expect(open(member, options)).rejects.toMatchObject({ code })
}

describe('a zone of other dimensions', () => {
  it('is ERR_ZONE_MISMATCH while a worker of another process is attached', async () => {
    const [user, other] = await fleet.now.launchAll(2, 'worker.mjs')
    await open(user, { ringSize: 64 })
    for (const differing of [{ ringSize: 65 }, { entryPayload: 1 }, { maxWorkers: 2 }, { uniqueKeys: 1 }]) {
      await expectRefusal(other, 'ERR_ZONE_MISMATCH', differing)
    }
    await expectRefusal(other, 'ERR_ZONE_MISMATCH', { overflow: 'reject' })
    // The refused one has left nothing behind, and is welcome with the right dimensions.
    expect(fs.readdirSync(fleet.now.directory)).toHaveLength(2)
    expect((await open(other)).capacity).toBe(64)
  })

  it('is made anew when nobody is attached any more, however the last one went', async () => {
    const [first, second, third] = await fleet.now.launchAll(3, 'worker.mjs')
    const before = await open(first, { ringSize: 64 })
    await first.kill()
    const middle = await open(second, { ringSize: 65 })
    await second.order('close')
    const after = await open(third, { ringSize: 66 })
    expect([before, middle, after].map(({ capacity }) => capacity)).toEqual([64, 65, 66])
    expect(new Set([before, middle, after].map(({ epoch }) => epoch)).size).toBe(3)
    expect(fs.readdirSync(fleet.now.directory)).toHaveLength(2)
  })

  it('is still refused while its only worker is stopped', async () => {
    const [user, other] = await fleet.now.launchAll(2, 'worker.mjs')
    await open(user, { ringSize: 64 })
    await user.stop()
    await expectRefusal(other, 'ERR_ZONE_MISMATCH', { ringSize: 65 })
  })
})

/** Ways to damage a zone's file that those who have it mapped survive. */
const damages: [string, (file: string) => void][] = [
  ['the first mark', (file) => overwrite(file, Header.magic, 8)],
  ['the layout version', (file) => overwrite(file, Header.version, 4)],
  ['the ring size', (file) => overwrite(file, Header.ringSize, 4)],
  ['the boot id', (file) => overwrite(file, Header.bootId, 8)],
  ['the length', (file) => fs.appendFileSync(file, 'more')],
]

function overwrite(file: string, at: number, bytes: number): void {
  const fd = fs.openSync(file, 'r+')
  fs.writeSync(fd, Buffer.alloc(bytes, 0x55), 0, bytes, at)
  fs.closeSync(fd)
}

describe('a damaged zone', () => {
  it.each(damages)(
    'is ERR_ZONE_CORRUPT while somebody uses it, and made anew when nobody does: %s',
    async (_, damage) => {
      const [user, other] = await fleet.now.launchAll(2, 'worker.mjs')
      const before = await open(user)
      damage(zoneFile(fleet.now))
      await expectRefusal(other, 'ERR_ZONE_CORRUPT')
      await user.kill()
      expect((await open(other)).epoch).not.toBe(before.epoch)
      expect(fs.readdirSync(fleet.now.directory)).toHaveLength(2)
    },
  )

  it.each([0, 8, HEADER_BYTES, HEADER_BYTES + 1])('that was cut to %i bytes is made anew', async (bytes) => {
    const [user, other] = await fleet.now.launchAll(2, 'worker.mjs')
    const before = await open(user)
    await user.kill()
    fs.truncateSync(zoneFile(fleet.now), bytes)
    expect((await open(other)).epoch).not.toBe(before.epoch)
  })

  it('that bears no mark of a zone is somebody else’s file, and is left as it is', async () => {
    fs.writeFileSync(zoneFile(fleet.now), 'the only copy of something', { mode: 0o600 })
    await expectRefusal(await fleet.now.launch('worker.mjs'), 'ERR_ZONE_CORRUPT')
    expect(fs.readFileSync(zoneFile(fleet.now), 'utf8')).toBe('the only copy of something')
  })
})

/** Makes a zone and leaves it unused, so that only what is done to it now can be the reason for a refusal. */
async function unusedZone(): Promise<string> {
  const maker = await fleet.now.launch('worker.mjs')
  await open(maker)
  await maker.kill()
  return zoneFile(fleet.now)
}

describe('a zone that others could write to', () => {
  it.each<[string, (file: string) => void]>([
    ['belongs to another user', (file) => fs.chownSync(file, STRANGER, STRANGER)],
    ['can be written by its group', (file) => fs.chmodSync(file, 0o620)],
    ['can be written by everybody', (file) => fs.chmodSync(file, 0o602)],
    ['is a symbolic link to a zone', (file) => linkAway(file)],
    ['is a directory', (file) => replaceByDirectory(file)],
  ])('is ERR_ZONE_FORBIDDEN if its file %s', async (_, change) => {
    const file = await unusedZone()
    change(file)
    const before = fs.lstatSync(file)
    await expectRefusal(await fleet.now.launch('worker.mjs'), 'ERR_ZONE_FORBIDDEN')
    expect(fs.lstatSync(file)).toMatchObject({ ino: before.ino, uid: before.uid, mode: before.mode })
  })

  it.each<[string, (directory: string) => void]>([
    ['belongs to another user', (directory) => fs.chownSync(directory, STRANGER, STRANGER)],
    ['can be written by its group', (directory) => fs.chmodSync(directory, 0o720)],
    ['can be written by everybody', (directory) => fs.chmodSync(directory, 0o1777)],
    ['is a symbolic link to a directory', (directory) => linkAway(directory)],
  ])('is ERR_ZONE_FORBIDDEN if its directory %s', async (_, change) => {
    const directory = path.join(fleet.now.directory, 'zones')
    fs.mkdirSync(directory, { mode: 0o700 })
    change(directory)
    await expectRefusal(await fleet.now.launch('worker.mjs'), 'ERR_ZONE_FORBIDDEN', { directory })
    expect(fs.readdirSync(directory)).toEqual([])
  })
})

function linkAway(file: string): void {
  fs.renameSync(file, `${file}-away`)
  fs.symlinkSync(`${file}-away`, file)
}

function replaceByDirectory(file: string): void {
  fs.rmSync(file)
  fs.mkdirSync(file, { mode: 0o700 })
}

describe('a zone with a place for three workers', () => {
  it('is ERR_ZONE_FULL for a fourth process, stopped ones included, until one is killed', async () => {
    const [first, second, third, fourth] = await fleet.now.launchAll(4, 'worker.mjs')
    for (const member of [first, second, third]) await open(member, { maxWorkers: 3 })
    await second.stop()
    await expectRefusal(fourth, 'ERR_ZONE_FULL')
    await second.kill()
    await expect(open(fourth)).resolves.toMatchObject({ worker: 1 })
  })
})
