// Removing a zone while somebody else does the same and opens it again.

import { jest } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { removeZone } from '../src/region/file.js'
import { WorkerEvents } from '../src/worker-events.js'
import { coded, thrownBy } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(() => {
  jest.restoreAllMocks()
  removeDirectories()
})

describe('removing a zone', () => {
  it('spares the zone that took its name meanwhile, and that a worker uses', () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    WorkerEvents.open(place).close()
    const opened: WorkerEvents[] = []
    afterOpening(path.join(place.directory, 'bus.zone'), () => {
      removeZone('bus', place.directory)
      opened.push(WorkerEvents.open(place))
    })

    const error = thrownBy(() => {
      removeZone('bus', place.directory)
    })

    expect(opened).toHaveLength(1)
    expect(error).toEqual(coded('ERR_ZONE_MISMATCH', 'in use'))
    expect(fs.existsSync(path.join(place.directory, 'bus.zone'))).toBe(true)
    opened[0].close()
  })
})

/** Has `step` run right after the next opening of a file. */
function afterOpening(file: string, step: () => void): void {
  const { openSync } = fs
  const spy = jest.spyOn(fs, 'openSync').mockImplementation((...args) => {
    const fd = openSync(...args)
    if (args[0] === file) {
      spy.mockRestore()
      step()
    }
    return fd
  })
}
