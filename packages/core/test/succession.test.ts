// A zone that is removed and made anew under its workers: nothing is lost at the switch.

import fs from 'node:fs'
import path from 'node:path'
import { WorkerEvents } from '../src/worker-events.js'
import { recordAll, until } from './expectations.js'
import { makeDirectory, removeDirectories } from './subjects.js'

afterEach(removeDirectories)

describe('a worker whose zone is made anew', () => {
  it('gets what was published before the switch, before it noticed, and after', async () => {
    const losses: unknown[] = []
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open({ ...place, onMissed: (missed) => losses.push(missed) })
    const seen = recordAll(veteran)
    veteran.publish('zone', 'old')
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open(place)
    founder.publish('zone', 'unnoticed')
    expect(veteran.epoch).not.toBe(founder.epoch)

    await until(() => veteran.epoch === founder.epoch)
    veteran.publish('zone', 'own')
    await until(() => seen.length >= 3)

    expect(seen.map(({ type, generation }) => [type, generation])).toEqual([
      ['old', 1],
      ['unnoticed', 1],
      ['own', 2],
    ])
    expect(losses).toEqual([])
  })

  it('hears of each new life by the bell, however soon one follows the other, and no bell of them stays', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open({ ...place, pollInterval: 2 ** 31 - 1 })
    for (let life = 0; life < 5; life++) {
      fs.rmSync(path.join(place.directory, 'bus.zone'))
      using founder = WorkerEvents.open(place)
      await until(() => veteran.epoch === founder.epoch)
    }
    expect(fs.readdirSync(place.directory).sort()).toEqual([`bus.${veteran.epoch}.bell`, 'bus.zone'])
  })

  it('hears of it by the bell, too, when that was struck for an event at the same time', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open({ ...place, pollInterval: 2 ** 31 - 1 })
    using other = WorkerEvents.open({ ...place, pollInterval: 0 })
    const seen = recordAll(veteran)
    other.publish('zone', 'first')
    await until(() => seen.length === 1)
    // Both before the veteran's event loop has a turn: it is struck once, and has something to read.
    other.publish('zone', 'last')
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open(place)
    await until(() => veteran.epoch === founder.epoch)
    expect(seen.map(({ type }) => type)).toEqual(['first', 'last'])
  })

  it('hears of it within a second of polls if nothing runs by itself', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open({ ...place, pollInterval: 0 })
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open(place)
    await until(() => veteran.poll() === 'done' && veteran.epoch === founder.epoch)
  })

  it('starts at the oldest retained event of a new life that it comes too late for, and reports the rest', async () => {
    const losses: unknown[] = []
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open({ ...place, onMissed: (missed) => losses.push(missed) })
    const seen = recordAll(veteran)
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open({ ...place, ringSize: 4, pollInterval: 0 })
    for (let count = 1; count <= 6; count++) founder.publish('zone', 'many', count)

    await until(() => seen.length >= 4)

    expect(seen.map(({ payload }) => payload)).toEqual([3, 4, 5, 6])
    expect(losses).toEqual([{ from: 1, to: 2, count: 2 }])
  })
})
