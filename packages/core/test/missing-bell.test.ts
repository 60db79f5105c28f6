// A zone whose bell file somebody removed: a tidy-up of the directory must not make the zone unusable.

import fs from 'node:fs'
import path from 'node:path'
import { HEADER_BYTES, Header } from '../src/layout.js'
import { WorkerEvents } from '../src/worker-events.js'
import { recordAll, until } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(removeDirectories)

describe('a zone without its bell file', () => {
  it('can be opened, and wakes those who open it from then on', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    WorkerEvents.open(place).close()
    removeBell(place.directory)

    // The slow poll comes too late to stand in for the bell.
    using listener = WorkerEvents.open({ ...place, pollInterval: 2 ** 31 - 1 })
    using publisher = WorkerEvents.open({ ...place, pollInterval: 0 })
    const seen = recordAll(listener)
    await until(() => isAsleep(place.directory))
    publisher.publish('cache', 'purged', 1)
    await until(() => seen.length === 1)

    expect(seen).toMatchObject([{ payload: 1 }])
  })
})

function removeBell(directory: string): void {
  const bells = fs.readdirSync(directory).filter((file) => file.endsWith('.bell'))
  expect(bells).toHaveLength(1)
  for (const bell of bells) fs.rmSync(path.join(directory, bell))
}

function isAsleep(directory: string): boolean {
  const header = fs.readFileSync(path.join(directory, 'bus.zone')).subarray(0, HEADER_BYTES)
  return header.readInt32LE(Header.sleepTickets) !== header.readInt32LE(Header.rungTicket)
}
