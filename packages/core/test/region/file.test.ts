/** Named zones: they appear whole, belong to this user alone, and are made anew only where nobody uses them. */
import fs from 'node:fs'
import path from 'node:path'
import { type OpenOptions, WorkerEvents } from '../../src/index.js'
import { HEADER_BYTES, Header } from '../../src/layout.js'
import { checkFile, defaultDirectory, zonesIn } from '../../src/region/directory.js'
import { openForReading, removeZone } from '../../src/region/file.js'
import { newEpoch } from '../../src/region/region.js'
import { coded, thrownBy } from '../expectations.js'
import { makeDirectory, removeDirectories } from '../subjects.js'

const opened: WorkerEvents[] = []

afterEach(() => {
  for (const bus of opened.splice(0)) bus.close()
  removeDirectories()
})

function open(directory: string, options: Partial<OpenOptions> = {}): WorkerEvents {
  const bus = WorkerEvents.open({ zone: 'bus', directory, lifecycle: false, pollInterval: 0, ...options })
  opened.push(bus)
  return bus
}

const zoneFile = (directory: string): string => path.join(directory, 'bus.zone')

/** A zone that nobody uses, with one event in it. */
function leftZone(directory: string): { file: string; epoch: string } {
  const bus = open(directory, { ringSize: 8 })
  bus.publish('c', 't')
  bus.close()
  return { file: zoneFile(directory), epoch: bus.epoch }
}

function writeAt(file: string, at: number, bytes: Buffer): void {
  const fd = fs.openSync(file, 'r+')
  fs.writeSync(fd, bytes, 0, bytes.length, at)
  fs.closeSync(fd)
}

describe('a zone that is made', () => {
  it('is one file and its bell, both for this user alone, and nothing else', () => {
    const directory = makeDirectory()
    const { epoch } = open(directory)
    expect(fs.readdirSync(directory).sort()).toEqual([`bus.${epoch}.bell`, 'bus.zone'])
    for (const file of fs.readdirSync(directory)) {
      expect(fs.statSync(path.join(directory, file)).mode & 0o777).toBe(0o600)
    }
  })

  it('has all its memory reserved: no page of it is sparse', () => {
    const directory = makeDirectory()
    open(directory, { ringSize: 2000 })
    const { size, blocks } = fs.statSync(zoneFile(directory))
    expect(size).toBeGreaterThan(2000 * 688)
    expect(blocks * 512).toBeGreaterThanOrEqual(size)
  })

  it('leaves nothing behind when there is no space, and says what to do', () => {
    const directory = makeDirectory()
    const write = fs.writeSync.bind(fs)
    let left = 3
    fs.writeSync = ((...args: Parameters<typeof write>) => {
      if (left-- === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      return write(...args)
    }) as typeof fs.writeSync
    try {
      const error = thrownBy(() => open(directory, { ringSize: 20_000 }))
      expect(error).toEqual(coded('ERR_ZONE_NO_SPACE', 'bytes', '/dev/shm', 'directory'))
      expect(error.cause).toMatchObject({ code: 'ENOSPC' })
    } finally {
      fs.writeSync = write
    }
    expect(fs.readdirSync(directory)).toEqual([])
    expect(open(directory).publish('c', 't')).toBe(1)
  })

  it('passes on what nobody foresaw as it is', () => {
    const directory = makeDirectory()
    const link = fs.linkSync.bind(fs)
    const unforeseen = Object.assign(new Error('of another kind'), { code: 'EIO' })
    fs.linkSync = () => {
      throw unforeseen
    }
    try {
      expect(thrownBy(() => open(directory))).toBe(unforeseen)
    } finally {
      fs.linkSync = link
    }
    expect(fs.readdirSync(directory)).toEqual([])
  })

  it('gives way to one that another makes at the same moment, and leaves no draft or bell', () => {
    const directory = makeDirectory()
    const link = fs.linkSync.bind(fs)
    let first: WorkerEvents | undefined
    fs.linkSync = (...args: Parameters<typeof link>) => {
      fs.linkSync = link
      first = open(directory, { ringSize: 8 })
      link(...args)
    }
    const second = open(directory)
    expect(first?.capacity).toBe(8)
    expect([second.epoch, second.capacity]).toEqual([first?.epoch, 8])
    expect(fs.readdirSync(directory).sort()).toEqual([`bus.${second.epoch}.bell`, 'bus.zone'])
  })
})

describe('what creators that died left behind', () => {
  it('is removed by a later creator of the zone, but not what is young, or of other zones', () => {
    const directory = makeDirectory()
    // Epochs begin with their time, and within a millisecond have no order.
    const old = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
    const young = newEpoch()
    const past = Date.now() / 1000 - 120
    const files = [
      `bus.${old}.draft`,
      `bus.${old}.bell`,
      `bus.${young}.draft`,
      `other.${old}.draft`,
      `bus.x.bell`,
      'bus.txt',
    ]
    for (const file of files) {
      fs.writeFileSync(path.join(directory, file), '')
      if (!file.includes(young)) fs.utimesSync(path.join(directory, file), past, past)
    }
    const { epoch } = open(directory)
    expect(fs.readdirSync(directory).sort()).toEqual(
      [`bus.${epoch}.bell`, `bus.${young}.draft`, `other.${old}.draft`, 'bus.txt', 'bus.x.bell', 'bus.zone'].sort(),
    )
  })
})

describe('a directory that is not ours alone', () => {
  it.each<[string, (directory: string) => string, string]>([
    ['group can write', (directory) => modeOf(directory, 0o770), '770'],
    ['others can write', (directory) => modeOf(directory, 0o702), '702'],
    ['is a symbolic link', (directory) => linkTo(directory), 'symbolic link'],
    ['is a file', (directory) => fileIn(directory), 'no directory'],
    ['lies behind a file', (directory) => path.join(fileIn(directory), 'zones'), 'ENOTDIR'],
  ])('is refused because it %s', (_, spoil, part) => {
    const directory = spoil(makeDirectory())
    expect(thrownBy(() => open(directory))).toEqual(coded('ERR_ZONE_FORBIDDEN', part, directory))
    expect(thrownBy(() => openForReading('bus', directory))).toEqual(coded('ERR_ZONE_FORBIDDEN', part))
  })
})

function modeOf(file: string, mode: number): string {
  fs.chmodSync(file, mode)
  return file
}

function linkTo(directory: string): string {
  const link = path.join(makeDirectory(), 'link')
  fs.symlinkSync(directory, link)
  return link
}

function fileIn(directory: string): string {
  const file = path.join(directory, 'file')
  fs.writeFileSync(file, '')
  return file
}

describe('a file that is not ours alone', () => {
  it.each([0o620, 0o602, 0o666])('is refused with the mode %o, and left as it is', (mode) => {
    const directory = makeDirectory()
    const { file } = leftZone(directory)
    fs.chmodSync(file, mode)
    const before = fs.readFileSync(file)
    expect(thrownBy(() => open(directory))).toEqual(coded('ERR_ZONE_FORBIDDEN', mode.toString(8), file))
    expect(thrownBy(() => openForReading('bus', directory))).toEqual(coded('ERR_ZONE_FORBIDDEN'))
    expect(thrownBy(() => removeZone('bus', directory))).toEqual(coded('ERR_ZONE_FORBIDDEN'))
    expect(fs.readFileSync(file).equals(before)).toBe(true)
  })

  it('may be read by others', () => {
    const directory = makeDirectory()
    const { file, epoch } = leftZone(directory)
    fs.chmodSync(file, 0o644)
    expect(open(directory).epoch).toBe(epoch)
  })

  it('is refused when it is a symbolic link, a directory, or of another user', () => {
    const [directory, elsewhere, third] = [makeDirectory(), makeDirectory(), makeDirectory()]
    fs.symlinkSync(leftZone(elsewhere).file, zoneFile(directory))
    expect(thrownBy(() => open(directory))).toEqual(coded('ERR_ZONE_FORBIDDEN'))
    fs.mkdirSync(zoneFile(third))
    expect(thrownBy(() => open(third))).toEqual(coded('ERR_ZONE_FORBIDDEN'))
    const stat = fs.statSync(zoneFile(elsewhere))
    expect(() => checkFile('a file', stat)).not.toThrow()
    stat.uid += 1
    expect(() => checkFile('a file', stat)).toThrow(coded('ERR_ZONE_FORBIDDEN', `belongs to user ${stat.uid}`))
  })
})

describe('a file that is damaged', () => {
  const damages: [string, (file: string) => void][] = [
    ['its first mark is gone', (file) => writeAt(file, Header.magic, Buffer.alloc(8))],
    ['its last mark is gone', (file) => writeAt(file, Header.magicEnd, Buffer.alloc(8))],
    ['it was cut', (file) => fs.truncateSync(file, HEADER_BYTES + 100)],
    ['it was cut within its header', (file) => fs.truncateSync(file, 100)],
    ['it was emptied', (file) => fs.truncateSync(file, 0)],
    ['it grew', (file) => fs.appendFileSync(file, 'x')],
    ['it is of another version', (file) => writeAt(file, Header.version, Buffer.from([99, 0, 0, 0]))],
    ['it is from before the last reboot', (file) => writeAt(file, Header.bootId, Buffer.from('another boot'))],
  ]

  it.each(damages)('is made anew where nobody uses it: %s', (_, damage) => {
    const directory = makeDirectory()
    const { file, epoch } = leftZone(directory)
    damage(file)
    const bus = open(directory)
    expect(bus.epoch).not.toBe(epoch)
    expect(bus.publish('c', 't')).toBe(1)
    // The bell of the life before is gone, where the header still told its name.
    expect(fs.readdirSync(directory)).toContain(`bus.${bus.epoch}.bell`)
  })

  it.each(damages.filter(([name]) => /mark|version|boot/.test(name)))(
    'is refused while a worker lives: %s',
    (_, damage) => {
      const directory = makeDirectory()
      const bus = open(directory, { ringSize: 8 })
      damage(zoneFile(directory))
      expect(thrownBy(() => open(directory))).toEqual(coded('ERR_ZONE_CORRUPT', zoneFile(directory)))
      expect(bus.publish('c', 't')).toBe(1)
    },
  )

  it.each(damages)('is refused to who only reads, and stays as it is: %s', (_, damage) => {
    const directory = makeDirectory()
    const { file } = leftZone(directory)
    damage(file)
    const before = fs.readFileSync(file)
    expect(thrownBy(() => openForReading('bus', directory))).toEqual(coded('ERR_ZONE_CORRUPT', file))
    expect(fs.readFileSync(file).equals(before)).toBe(true)
  })

  it('is left alone if it never was a zone: it may be somebody’s work', () => {
    const directory = makeDirectory()
    for (const content of ['my notes', 'x'.repeat(10_000)]) {
      fs.writeFileSync(zoneFile(directory), content, { mode: 0o600 })
      expect(thrownBy(() => open(directory))).toEqual(coded('ERR_ZONE_CORRUPT', 'foreign'))
      expect(thrownBy(() => removeZone('bus', directory))).toEqual(coded('ERR_ZONE_CORRUPT', 'no zone'))
      expect(fs.readFileSync(zoneFile(directory), 'utf8')).toBe(content)
    }
  })
})

describe('a zone that is removed', () => {
  it('is gone with its bell, and the next opening makes another', () => {
    const directory = makeDirectory()
    const { epoch } = leftZone(directory)
    removeZone('bus', directory)
    expect(fs.readdirSync(directory)).toEqual([])
    expect(open(directory).epoch).not.toBe(epoch)
  })

  it('stays while a worker lives', () => {
    const directory = makeDirectory()
    open(directory)
    expect(thrownBy(() => removeZone('bus', directory))).toEqual(coded('ERR_ZONE_MISMATCH', '"bus"', 'in use'))
    expect(fs.existsSync(zoneFile(directory))).toBe(true)
  })

  it('must be there', () => {
    const directory = makeDirectory()
    for (const act of [() => removeZone('bus', directory), () => openForReading('bus', directory)]) {
      expect(thrownBy(act)).toEqual(coded('ERR_ZONE_NOT_FOUND', '"bus"', directory))
    }
    expect(thrownBy(() => openForReading('bus', path.join(directory, 'nowhere')))).toEqual(coded('ERR_ZONE_NOT_FOUND'))
  })
})

describe('the zones of a directory', () => {
  it('are listed by name, and nothing else is', () => {
    const directory = makeDirectory()
    for (const zone of ['b', 'a.b', 'a']) open(directory, { zone, ringSize: 4 })
    fs.writeFileSync(path.join(directory, '.zone'), '')
    fs.writeFileSync(path.join(directory, 'notes'), '')
    expect(zonesIn(directory)).toEqual(['a', 'a.b', 'b'])
    expect(zonesIn(path.join(directory, 'nowhere'))).toEqual([])
  })
})

describe('the default directory', () => {
  it('is that of the variable, else one of this user', () => {
    const before = process.env['WORKER_EVENTS_DIR']
    try {
      process.env['WORKER_EVENTS_DIR'] = '/somewhere'
      expect(defaultDirectory()).toBe('/somewhere')
      process.env['WORKER_EVENTS_DIR'] = ''
      expect(path.basename(defaultDirectory())).toBe(`worker-events-${process.geteuid?.()}`)
    } finally {
      if (before === undefined) delete process.env['WORKER_EVENTS_DIR']
      else process.env['WORKER_EVENTS_DIR'] = before
    }
  })
})
