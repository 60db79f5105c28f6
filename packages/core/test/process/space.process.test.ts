/** A file system that is too small is an error when the zone is opened, and never a crash later. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fleetOfEachTest } from './fleet.js'

const MEGABYTE = 1 << 20
const LAPS = 3
/** The largest payload takes a quarter of the ring. */
const SPANS_PER_LAP = 4
const fleet = fleetOfEachTest()

/**
 * Runs a test on a file system of one megabyte. Needs root: such a file system cannot be had otherwise, and without it this
 * file proves nothing.
 */
async function onSmallFileSystem(test: (directory: string) => Promise<void>): Promise<void> {
  const mountPoint = path.join(fleet.now.directory, 'small')
  fs.mkdirSync(mountPoint)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTE},mode=0700`, 'tmpfs', mountPoint])
  try {
    await test(mountPoint)
  } finally {
    execFileSync('umount', ['--lazy', mountPoint])
  }
}

/** Fills the file system to the last byte. */
function fillUp(directory: string): void {
  const fd = fs.openSync(path.join(directory, 'filler'), 'w')
  try {
    for (;;) fs.writeSync(fd, Buffer.alloc(4096))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  } finally {
    fs.closeSync(fd)
  }
}

interface Report {
  readonly received: { payload: Uint8Array }[]
  readonly errors: unknown[]
}

describe('a file system of one megabyte', () => {
  it('refuses a zone that does not fit with ERR_ZONE_NO_SPACE, and keeps no trace of it', async () => {
    await onSmallFileSystem(async (directory) => {
      const worker = await fleet.now.launch('worker.mjs')
      const opening = worker.order('open', { directory, ringSize: 4096 })
      await expect(opening).rejects.toMatchObject({ code: 'ERR_ZONE_NO_SPACE' })
      expect(fs.readdirSync(directory)).toEqual([])
    })
  })

  it('carries a zone that fits, every byte of it, also when there is no space left for anything else', async () => {
    await onSmallFileSystem(async (directory) => {
      const [writer, reader] = await fleet.now.launchAll(2, 'worker.mjs')
      for (const worker of [writer, reader]) await worker.order('open', { directory, ringSize: 512 })
      fillUp(directory)
      const { maxPayload } = await writer.order<{ maxPayload: number }>('place')
      for (let count = 0; count < LAPS * SPANS_PER_LAP; count++) {
        const generation = await writer.order('publish', 'load', 'large', new Uint8Array(maxPayload).fill(1))
        await reader.order('caughtUp', generation)
      }
      const { received, errors } = await reader.order<Report>('report')
      expect(errors).toEqual([])
      expect(received.map(({ payload: { length } }) => length)).toEqual(Array(LAPS * SPANS_PER_LAP).fill(maxPayload))
    })
  })
})
