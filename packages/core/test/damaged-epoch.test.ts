// A zone whose header is damaged where the name of its life stands, which is a part of file names.

import fs from 'node:fs'
import path from 'node:path'
import { EPOCH_BYTES, Header } from '../src/layout.js'
import { removeZone } from '../src/region/file.js'
import { WorkerEvents } from '../src/worker-events.js'
import { ZoneReader } from '../src/zone-reader.js'
import { coded, thrownBy } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(removeDirectories)

describe.each([
  ['zeros', '\0'.repeat(EPOCH_BYTES)],
  ['a path that leads elsewhere', '/../victim'.padEnd(EPOCH_BYTES, '/')],
])('a zone that nobody uses, with %s for its epoch', (_, epoch) => {
  it('is refused to a reader as damaged', () => {
    const place = damagedZone(epoch)
    expect(thrownBy(() => ZoneReader.open(place))).toEqual(coded('ERR_ZONE_CORRUPT', 'epoch'))
  })

  it('is made anew by whoever opens it', () => {
    const place = damagedZone(epoch)
    using bus = WorkerEvents.open({ ...place, lifecycle: false })
    expect(bus.publish('life', 'second')).toBe(1)
    expect(bus.epoch).toMatch(/^[0-9A-Z]{26}$/)
  })

  it('can be removed', () => {
    const { zone, directory } = damagedZone(epoch)
    removeZone(zone, directory)
    expect(fs.readdirSync(directory)).not.toContain('bus.zone')
  })
})

function damagedZone(epoch: string): { zone: string; directory: string } {
  const place = { zone: 'bus', directory: makeDirectory() }
  WorkerEvents.open({ ...place, lifecycle: false }).close()
  const fd = fs.openSync(path.join(place.directory, 'bus.zone'), 'r+')
  fs.writeSync(fd, epoch, Header.epoch, 'latin1')
  fs.closeSync(fd)
  return place
}
