// `worker-events rm`, while zones are used and when they no longer are.

import fs from 'node:fs'
import path from 'node:path'
import { linesOf, objectsIn, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()

describe('worker-events rm', () => {
  it('removes a zone and all that belongs to it', async () => {
    terminal.now.open({ zone: 'kept' }).close()
    const kept = fs.readdirSync(terminal.now.directory)
    terminal.now.open().close()
    const { status, stdout, stderr } = await terminal.now.run('rm', 'bus')
    expect(objectsIn(stdout)).toEqual([{ module: 'worker_events', status: 'removed', zone: 'bus' }])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(fs.readdirSync(terminal.now.directory)).toEqual(kept)
  })

  it('tells a person what it removed', async () => {
    terminal.now.open().close()
    expect(linesOf((await terminal.now.runOnTty('$WE rm bus')).stdout)).toEqual(['removed bus'])
  })

  it('refuses while a worker of a cluster lives, and removes what the killed leave behind', async () => {
    const cluster = await terminal.now.startCluster()
    const { status, stdout, stderr } = await terminal.now.run('rm', 'bus')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe('worker-events: zone "bus" is in use: stop its workers first (ERR_ZONE_MISMATCH)\n')
    expect(await cluster.publish('still', 'here')).toBe(1)
    await cluster.received(2)

    await cluster.end()

    expect(await terminal.now.run('rm', 'bus')).toMatchObject({ status: 0 })
    expect(fs.readdirSync(terminal.now.directory)).toEqual([])
  })

  it('removes a damaged zone', async () => {
    terminal.now.open().close()
    const file = path.join(terminal.now.directory, 'bus.zone')
    fs.truncateSync(file, fs.statSync(file).size - 1)
    expect(objectsIn((await terminal.now.run('ls')).stdout)).toMatchObject([{ code: 'ERR_ZONE_CORRUPT' }])
    expect(await terminal.now.run('rm', 'bus')).toMatchObject({ status: 0 })
    expect(fs.existsSync(file)).toBe(false)
  })

  it('leaves a file alone that never was a zone', async () => {
    const file = path.join(terminal.now.directory, 'thesis.zone')
    fs.writeFileSync(file, 'years of work', { mode: 0o600 })
    const { status, stderr } = await terminal.now.run('rm', 'thesis')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^worker-events: .+ \(ERR_ZONE_CORRUPT\)\n$/)
    expect(fs.readFileSync(file, 'utf8')).toBe('years of work')
  })

  it('fails for a zone that does not exist', async () => {
    const { status, stderr } = await terminal.now.run('rm', 'none')
    expect(status).toBe(1)
    expect(stderr).toMatch(/\(ERR_ZONE_NOT_FOUND\)\n$/)
  })

  it('takes a name that leads out of the directory as wrong usage', async () => {
    const inner = path.join(terminal.now.directory, 'inner')
    terminal.now.open().close()
    fs.mkdirSync(inner, { mode: 0o700 })
    const { status, stderr } = await terminal.now.run('rm', '../bus', '--directory', inner)
    expect(status).toBe(2)
    expect(stderr).toMatch(/\(ERR_INVALID_OPTION\)\n$/)
    expect(fs.existsSync(path.join(terminal.now.directory, 'bus.zone'))).toBe(true)
  })
})
