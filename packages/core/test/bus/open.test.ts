/** `open`: options that are wrong, zones that are joined, made, adopted, made anew; and what a handle says of itself. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type OpenOptions, WorkerEvents, createZoneBuffer } from '../../src/index.js'
import { openForReading } from '../../src/region/file.js'
import { coded, recordAll, thrownBy } from '../expectations.js'
import { describeOnBothRegions, makeDirectory, removeDirectories } from '../subjects.js'

afterEach(removeDirectories)

/** Opens what must not open. */
const refused = (options: unknown): Error => thrownBy(() => WorkerEvents.open(options as OpenOptions).close())

describe('an option of open', () => {
  it.each<[string, unknown, string]>([
    ['ringSize', 0, 'an integer from 1 to 8388608, got 0'],
    ['ringSize', 1.5, 'got 1.5'],
    ['ringSize', '8', 'got "8"'],
    ['ringSize', 2 ** 23 + 1, 'got 8388609'],
    ['entryPayload', 0, 'an integer from 1'],
    ['entryPayload', -1, 'got -1'],
    ['maxWorkers', 0, 'an integer from 1 to 1000'],
    ['maxWorkers', 1001, 'got 1001'],
    ['uniqueKeys', 0, 'an integer from 1'],
    ['overflow', 'drop', `'overwrite' or 'reject', got "drop"`],
    ['overflow', true, 'got true'],
    ['lifecycle', 'yes', 'a boolean, got "yes"'],
    ['signal', {}, 'an AbortSignal, got an object'],
    ['directory', '', 'a path, got ""'],
    ['directory', 'a\0b', 'a path'],
    ['directory', 5, 'got 5'],
    ['zone', '', 'a name'],
    ['zone', '.hidden', 'that does not start with "."'],
    ['zone', '../escape', 'got "../escape"'],
    ['zone', 'a/b', 'a name'],
    ['zone', 'ü', 'A-Z a-z 0-9'],
    ['zone', 'x'.repeat(65), '1-64'],
    ['zone', 5, 'got 5'],
    ['zone', undefined, 'got undefined'],
    ['zone', new ArrayBuffer(8), 'SharedArrayBuffer, got an object'],
  ])('%s may not be %p: the message names option, value and expectation', (option, value, part) => {
    const directory = makeDirectory()
    const error = refused({ zone: 'bus', directory, [option]: value })
    expect(error).toEqual(coded('ERR_INVALID_OPTION', `"${option}"`, part))
    expect(fs.readdirSync(directory)).toEqual([])
  })

  it.each(['ringsize', 'Zone', 'toString', 'polling'])('may not be unknown, like %s', (option) => {
    expect(refused({ zone: 'bus', [option]: 1 })).toEqual(
      coded('ERR_INVALID_OPTION', `"${option}"`, 'ringSize', 'zone'),
    )
  })

  it.each([undefined, null, 'bus', 5])('must come in an object, not as %p', (options) => {
    expect(refused(options)).toEqual(coded('ERR_INVALID_OPTION', 'WorkerEvents.open'))
  })

  it('may not ask for a zone beyond what memory views can index', () => {
    const directory = makeDirectory()
    const error = refused({ zone: 'bus', directory, ringSize: 2 ** 20, entryPayload: 4096 })
    expect(error).toEqual(coded('ERR_INVALID_OPTION', 'ringSize 1048576', 'entryPayload 4096', 'bytes'))
    expect(fs.readdirSync(directory)).toEqual([])
  })

  it('may be undefined, which is as if it were not there', () => {
    const bus = WorkerEvents.open({
      zone: 'bus',
      directory: makeDirectory(),
      ringSize: undefined,
      lifecycle: false,
    })
    expect(bus.capacity).toBe(1024)
    bus.close()
  })
})

describe('createZoneBuffer', () => {
  it.each<[unknown, string]>([
    [{ ringSize: 0 }, 'ringSize'],
    [{ zone: 5 }, '"zone"'],
    [{ zone: '../x' }, '"zone"'],
    [{ zone: 'x'.repeat(65) }, '"zone"'],
    [{ pollInterval: 5 }, 'pollInterval'],
    [null, 'object'],
    [5, 'object'],
    [{ ringSize: 2 ** 23, entryPayload: 2 ** 20 }, 'bytes'],
  ])('refuses %p', (options, part) => {
    expect(() => createZoneBuffer(options as object)).toThrow(coded('ERR_INVALID_OPTION', part))
  })

  it('makes a zone of the default dimensions, named memory, unless it is told otherwise', () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer(), lifecycle: false })
    expect([bus.zone, bus.capacity, bus.inspect().capacity, bus.inspect().zone]).toEqual([
      'memory',
      1024,
      1024,
      'memory',
    ])
    bus.close()
    const named = WorkerEvents.open({ zone: createZoneBuffer({ zone: 'threads', ringSize: 7 }), lifecycle: false })
    expect([named.zone, named.capacity]).toEqual(['threads', 7])
    named.close()
  })

  it('is needed: other shared memory is no zone', () => {
    const error = refused({ zone: new SharedArrayBuffer(8192) })
    expect(error).toEqual(coded('ERR_ZONE_CORRUPT', 'createZoneBuffer'))
    expect(refused({ zone: new SharedArrayBuffer(8) })).toEqual(coded('ERR_ZONE_CORRUPT', '8 bytes'))
  })

  it('makes memory that cannot be opened with other dimensions', () => {
    const zone = createZoneBuffer({ ringSize: 8 })
    expect(refused({ zone, ringSize: 9 })).toEqual(coded('ERR_ZONE_MISMATCH', 'ringSize 8', '9'))
    expect(refused({ zone, overflow: 'reject' })).toEqual(coded('ERR_ZONE_MISMATCH', 'overflow overwrite', 'reject'))
    WorkerEvents.open({ zone, ringSize: 8, lifecycle: false }).close()
  })
})

describeOnBothRegions('a handle', (subject) => {
  it('says what zone it is on, and has an id of its own', () => {
    const zone = subject.makeZone({ ringSize: 12, entryPayload: 80 })
    const [one, two] = [zone.open(), zone.open()]
    expect([one.zone, one.capacity, one.maxPayload]).toEqual(['bus', 12, 3 * 256 - 176])
    expect([one.worker, two.worker]).toEqual([0, 1])
    expect(one.epoch).toMatch(/^[0-9A-Z]{26}$/)
    expect(two.epoch).toBe(one.epoch)
    expect(one.closed).toBe(false)
  })

  it('adopts the dimensions of a zone that exists, and may name them', () => {
    const zone = subject.makeZone({ ringSize: 12, maxWorkers: 4, uniqueKeys: 5, entryPayload: 80, overflow: 'reject' })
    expect(zone.open().capacity).toBe(12)
    expect(
      zone.open({ ringSize: 12, maxWorkers: 4, uniqueKeys: 5, entryPayload: 80, overflow: 'reject' }).capacity,
    ).toBe(12)
  })

  it.each([
    ['ringSize', 13, '12'],
    ['entryPayload', 81, '80'],
    ['maxWorkers', 5, '4'],
    ['uniqueKeys', 6, '5'],
    ['overflow', 'overwrite', 'reject'],
  ])('cannot open with another %s while a worker lives', (option, value, actual) => {
    const zone = subject.makeZone({ ringSize: 12, maxWorkers: 4, uniqueKeys: 5, entryPayload: 80, overflow: 'reject' })
    const bus = zone.open()
    expect(() => zone.open({ [option]: value })).toThrow(coded('ERR_ZONE_MISMATCH', option, actual, value))
    expect(bus.publish('c', 't')).toBe(1)
  })

  it('finds no place where maxWorkers live, and one after one left or died', () => {
    const zone = subject.makeZone({ maxWorkers: 2 })
    const [one, dead] = [zone.open(), zone.join()]
    expect(() => zone.open()).toThrow(coded('ERR_ZONE_FULL'))
    dead.die()
    const two = zone.open()
    expect(() => zone.open()).toThrow(coded('ERR_ZONE_FULL'))
    one.close()
    expect(zone.open().worker).toBe(one.worker)
    expect(two.worker).toBe(dead.worker)
  })

  it('starts after the newest event', () => {
    const zone = subject.makeZone()
    zone.open().publish('c', 't')
    const late = zone.open()
    const seen = recordAll(late)
    late.poll()
    expect(seen).toEqual([])
  })
})

describe('a named zone', () => {
  const open = (options: Partial<OpenOptions> & { directory: string }): WorkerEvents =>
    WorkerEvents.open({ zone: 'bus', lifecycle: false, pollInterval: 0, ...options })

  it('has the documented dimensions by default', () => {
    const directory = makeDirectory()
    const bus = open({ directory })
    const region = openForReading('bus', directory)
    expect(region.zone.geometry.dimensions).toEqual({
      ringSize: 1024,
      entryPayload: 512,
      maxWorkers: 64,
      uniqueKeys: 8192,
      overflow: 'overwrite',
    })
    region.close()
    // 512 bytes of payload and the record's header, rounded up to 64.
    expect(bus.maxPayload).toBe(256 * 704 - 176)
    bus.close()
  })

  it('outlives its last worker', () => {
    const directory = makeDirectory()
    const one = open({ directory, ringSize: 8 })
    one.publish('c', 't')
    one.close()
    const two = open({ directory })
    expect([two.epoch, two.capacity, two.publish('c', 't')]).toEqual([one.epoch, 8, 2])
    two.close()
  })

  it('is made anew when it is opened with other dimensions and no worker lives; the rest takes its default', () => {
    const directory = makeDirectory()
    const one = open({ directory, ringSize: 8, entryPayload: 80 })
    one.publish('c', 't')
    one.close()
    const two = open({ directory, ringSize: 16 })
    expect(two.epoch).not.toBe(one.epoch)
    expect([two.capacity, two.maxPayload, two.inspect().newestGeneration]).toEqual([16, 4 * 704 - 176, 0])
    two.close()
  })

  it('is found by name in its directory, and is another in another', () => {
    const [here, there] = [makeDirectory(), makeDirectory()]
    const [one, two, other] = [
      open({ directory: here }),
      open({ directory: here, zone: 'b.u-s_' }),
      open({ directory: there }),
    ]
    expect(new Set([one.epoch, two.epoch, other.epoch]).size).toBe(3)
    expect(fs.readdirSync(here).filter((file) => file.endsWith('.zone'))).toEqual(['b.u-s_.zone', 'bus.zone'])
    for (const bus of [one, two, other]) bus.close()
  })

  it('lives where WORKER_EVENTS_DIR says, unless the options say otherwise', () => {
    const [byVariable, byOption] = [makeDirectory(), makeDirectory()]
    const before = process.env['WORKER_EVENTS_DIR']
    process.env['WORKER_EVENTS_DIR'] = byVariable
    try {
      const [one, two] = [WorkerEvents.open({ zone: 'bus', lifecycle: false }), open({ directory: byOption })]
      expect(fs.existsSync(path.join(byVariable, 'bus.zone'))).toBe(true)
      expect(fs.existsSync(path.join(byOption, 'bus.zone'))).toBe(true)
      expect([one.directory, two.directory]).toEqual([byVariable, byOption])
      expect(WorkerEvents.configured('bus')).toBe(true)
      one.close()
      expect(WorkerEvents.configured('bus')).toBe(false)
      two.close()
    } finally {
      if (before === undefined) delete process.env['WORKER_EVENTS_DIR']
      else process.env['WORKER_EVENTS_DIR'] = before
    }
  })

  it('may live in a directory that is not there yet, which is made for this user alone', () => {
    const directory = path.join(makeDirectory(), 'deep', 'down')
    open({ directory }).close()
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700)
    expect(fs.statSync(path.join(directory, 'bus.zone')).mode & 0o777).toBe(0o600)
  })

  it('may be named by a path that is relative, whatever the working directory is later', () => {
    const parent = makeDirectory()
    const before = process.cwd()
    process.chdir(parent)
    try {
      const bus = open({ directory: 'zones' })
      process.chdir(os.tmpdir())
      expect(bus.directory).toBe(path.join(fs.realpathSync(parent), 'zones'))
      bus.close()
    } finally {
      process.chdir(before)
    }
  })
})

describe('configured', () => {
  it('says whether this thread has an open handle of a zone', () => {
    const directory = makeDirectory()
    const place = { zone: 'bus', directory }
    expect(WorkerEvents.configured('bus', { directory })).toBe(false)
    const [one, two] = [WorkerEvents.open(place), WorkerEvents.open(place)]
    expect(WorkerEvents.configured('bus', { directory })).toBe(true)
    expect(WorkerEvents.configured('bus', { directory: `${directory}/` })).toBe(true)
    expect(WorkerEvents.configured('other', { directory })).toBe(false)
    expect(WorkerEvents.configured('bus', { directory: makeDirectory() })).toBe(false)
    one.close()
    expect(WorkerEvents.configured('bus', { directory })).toBe(true)
    two.close()
    expect(WorkerEvents.configured('bus', { directory })).toBe(false)
  })

  it.each(['', '.x', 5, undefined])('refuses %p for a name', (zone) => {
    expect(() => WorkerEvents.configured(zone as string)).toThrow(coded('ERR_INVALID_OPTION', 'zone'))
  })

  it('refuses a directory that is none', () => {
    expect(() => WorkerEvents.configured('bus', { directory: 5 as never })).toThrow(
      coded('ERR_INVALID_OPTION', 'directory'),
    )
  })
})
