// `worker-events ls`, beside programs that use the zones it lists.

import fs from 'node:fs'
import path from 'node:path'
import { linesOf, objectsIn, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()

function bytesOf(zone: string): number {
  return fs.statSync(path.join(terminal.now.directory, `${zone}.zone`)).size
}

describe('worker-events ls', () => {
  it('gives the workers, newest generation, capacity and bytes of each zone, one object a line', async () => {
    const cluster = await terminal.now.startCluster()
    terminal.now.open({ zone: 'idle' }).close()
    await cluster.publish('cache', 'purged')

    const { status, stdout, stderr } = await terminal.now.run('ls')

    expect(objectsIn(stdout)).toEqual([
      { zone: 'bus', workers: 2, newest_generation: 1, capacity: 256, bytes: bytesOf('bus') },
      { zone: 'idle', workers: 0, newest_generation: 0, capacity: 8, bytes: bytesOf('idle') },
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('does not count a worker that was killed', async () => {
    const cluster = await terminal.now.startCluster()
    const [first, second] = await cluster.pids()
    process.kill(first, 'SIGKILL')
    for (let workers = 2; workers === 2;) {
      workers = (objectsIn((await terminal.now.run('ls')).stdout)[0] as { workers: number }).workers
      expect(workers).toBeGreaterThan(0)
    }
    expect(process.kill(second, 0)).toBe(true)
  })

  it('shows a person a table', async () => {
    terminal.now.open({ zone: 'a', ringSize: 100 }).publish('c', 't')
    terminal.now.open({ zone: 'longer-name' })
    const { status, stdout } = await terminal.now.runOnTty('$WE ls')
    const [a, longer] = ['a', 'longer-name'].map((zone) => String(bytesOf(zone)))
    const width = Math.max(a.length, longer.length)
    expect(linesOf(stdout)).toEqual([
      `ZONE         WORKERS  NEWEST  CAPACITY  ${'BYTES'.padStart(width)}`,
      `a                  1       1       100  ${a.padStart(width)}`,
      `longer-name        1       0         8  ${longer.padStart(width)}`,
    ])
    expect(status).toBe(0)
  })

  it('gives JSON on a terminal too if asked', async () => {
    terminal.now.open()
    const { stdout } = await terminal.now.runOnTty('$WE ls --json')
    expect(objectsIn(stdout)).toMatchObject([{ zone: 'bus', workers: 1 }])
  })

  it('lists zones that cannot be used, with what is wrong, among those that can', async () => {
    const { directory } = terminal.now
    terminal.now.open({ zone: 'sound' })
    terminal.now.open({ zone: 'exposed' })
    fs.chmodSync(path.join(directory, 'exposed.zone'), 0o666)
    fs.writeFileSync(path.join(directory, 'damaged.zone'), 'no zone', { mode: 0o600 })
    fs.symlinkSync('/etc/hostname', path.join(directory, 'linked.zone'))

    const { status, stdout } = await terminal.now.run('ls')

    const [damaged, exposed, linked, sound, ...rest] = objectsIn(stdout)
    expect(damaged).toMatchObject({ zone: 'damaged', bytes: 7, code: 'ERR_ZONE_CORRUPT' })
    expect(exposed).toMatchObject({ zone: 'exposed', code: 'ERR_ZONE_FORBIDDEN' })
    expect(exposed['error']).toContain('mode 666')
    expect(linked).toMatchObject({ zone: 'linked', code: 'ERR_ZONE_FORBIDDEN' })
    expect(sound).toMatchObject({ zone: 'sound', workers: 1 })
    expect({ status, rest }).toEqual({ status: 0, rest: [] })
    const table = await terminal.now.runOnTty('$WE ls')
    expect(linesOf(table.stdout)[0]).toMatch(/^ZONE .* PROBLEM$/)
    expect(linesOf(table.stdout)[1]).toMatch(/^damaged .*\(ERR_ZONE_CORRUPT\)$/)
  })

  it('writes nothing into a pipe where there are no zones, and tells a person so', async () => {
    const none = path.join(terminal.now.directory, 'none')
    expect(await terminal.now.run('ls', '--directory', none)).toEqual({ status: 0, stdout: '', stderr: '' })
    const { stdout } = await terminal.now.runOnTty('$WE ls')
    expect(linesOf(stdout)).toEqual([`no zones in ${terminal.now.directory}`])
    expect(fs.existsSync(none)).toBe(false)
  })

  it('fails for a directory that others can write', async () => {
    fs.chmodSync(terminal.now.directory, 0o777)
    const { status, stdout, stderr } = await terminal.now.run('ls')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^worker-events: .*can be written by group or others.* \(ERR_ZONE_FORBIDDEN\)\n$/)
  })
})
