/** What importing the package costs: native code comes in with the first named zone, and only then. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(removeDirectories)

const index = path.join(import.meta.dirname, '../bundle/index.js')

/** Runs a program in a process of its own and says whether it has loaded native code by its end. */
async function loadsNative(program: string): Promise<boolean> {
  const check = `
    const loaded = process.report.getReport().sharedObjects.some((file) => file.includes('koffi'))
    process.stdout.write(JSON.stringify(loaded))`
  const source = `import { WorkerEvents, ZoneReader, createZoneBuffer } from ${JSON.stringify(index)}\n${program}\n${check}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source])
  return JSON.parse(stdout) as boolean
}

describe('native code', () => {
  it('is not loaded by the import', async () => {
    expect(await loadsNative('')).toBe(false)
  })

  it('is not loaded by a zone in a SharedArrayBuffer, whatever is done with it', async () => {
    const program = `
      const bus = WorkerEvents.open({ zone: createZoneBuffer() })
      let seen = 0
      bus.subscribe('c', () => seen++)
      bus.publish('c', 't', { n: 1 }, { unique: 'k' })
      bus.poll()
      if (seen !== 1) throw new Error('not delivered')
      await bus.drained()
      bus.inspect()
      bus.close()`
    expect(await loadsNative(program)).toBe(false)
  })

  it('is not loaded by an option that is refused', async () => {
    const program = `
      try { WorkerEvents.open({ zone: 'bus', ringSize: 0 }) } catch {}
      WorkerEvents.configured('bus')`
    expect(await loadsNative(program)).toBe(false)
  })

  it('is loaded by a named zone', async () => {
    const directory = JSON.stringify(makeDirectory())
    expect(await loadsNative(`WorkerEvents.open({ zone: 'bus', directory: ${directory} }).close()`)).toBe(true)
  })
})
