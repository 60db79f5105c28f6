/** Systems that named zones do not know: refused with a way out, which is there. */
import fs from 'node:fs'
import { WorkerEvents, ZoneReader, createZoneBuffer } from '../../src/index.js'
import { coded, thrownBy } from '../expectations.js'
import { makeDirectory, removeDirectories } from '../subjects.js'

afterEach(removeDirectories)

/** Runs `act` as on another system. */
function on(system: { platform?: string; arch?: string }, act: () => void): void {
  const names = Object.keys(system) as (keyof typeof system)[]
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(process, name) ?? {}] as const)
  for (const name of names) Object.defineProperty(process, name, { configurable: true, value: system[name] })
  try {
    act()
  } finally {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor)
  }
}

describe.each([
  [{ platform: 'win32' }, 'win32'],
  [{ platform: 'darwin' }, 'darwin'],
  [{ arch: 'ia32' }, 'ia32'],
])('on %p', (system, name) => {
  it('a named zone is refused, and told by what to do without', () => {
    on(system, () => {
      const directory = makeDirectory()
      const error = thrownBy(() => WorkerEvents.open({ zone: 'bus', directory }))
      expect(error).toEqual(coded('ERR_UNSUPPORTED_PLATFORM', name, 'createZoneBuffer'))
      expect(fs.readdirSync(directory).filter((file) => file.endsWith('.draft'))).toEqual([])
    })
  })

  it('a zone in a SharedArrayBuffer works', () => {
    on(system, () => {
      const bus = WorkerEvents.open({ zone: createZoneBuffer({ ringSize: 8 }), pollInterval: 0, lifecycle: false })
      const seen: unknown[] = []
      bus.subscribe((payload) => seen.push(payload))
      bus.publish('c', 't', 1)
      bus.poll()
      expect(seen).toEqual([1])
      bus.close()
    })
  })

  it('a reader of a zone that somehow is there is refused too', () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    on(system, () => {
      expect(['ERR_UNSUPPORTED_PLATFORM', 'ERR_ZONE_NOT_FOUND']).toContain(thrownBy(() => ZoneReader.open(place)).code)
    })
  })
})
