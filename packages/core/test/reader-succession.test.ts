// A reader whose zone is replaced by something that cannot be read, and then by a zone again.

import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerEvents } from '../src/worker-events.js'
import { ZoneReader } from '../src/zone-reader.js'
import { coded, thrownBy } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(removeDirectories)

/** Longer than a reader waits between two looks at its zone, in milliseconds. */
const SEVERAL_LOOKS = 100

describe('a reader whose zone is replaced by a file that is none', () => {
  it('tells who asks, throws at nobody else, and goes on in the next life of the zone', async () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    WorkerEvents.open({ ...place, lifecycle: false }).close()
    using reader = ZoneReader.open(place)
    const events = reader.events()
    replace(place.directory, (file) => fs.writeFileSync(file, 'no zone', { mode: 0o600 }))

    // What a timer throws has nobody to catch it: it would fail the test here, and end a program.
    await sleep(SEVERAL_LOOKS)

    expect(thrownBy(() => reader.inspect())).toEqual(coded('ERR_ZONE_CORRUPT', 'bus.zone'))
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using bus = WorkerEvents.open({ ...place, lifecycle: false })
    bus.publish('life', 'second')
    expect((await events.next()).value).toMatchObject({ channel: 'life', type: 'second', generation: 1 })
  })
})

/** Puts another file in the place of a zone in one step. */
function replace(directory: string, write: (file: string) => void): void {
  const draft = path.join(directory, 'draft')
  write(draft)
  fs.renameSync(draft, path.join(directory, 'bus.zone'))
}
