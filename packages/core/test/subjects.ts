/**
 * One suite, two subjects: what a bus promises holds in a named zone and in memory of threads alike.
 *
 * The rings are small and start three laps before their count of laps wraps. Handles deliver by `poll()` alone and leave
 * the ring untouched by opening and closing unless a test asks otherwise, and what they report without a test having
 * asked for it fails the test.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type OpenOptions, WorkerEvents } from '../src/index.js'
import type { Dimensions } from '../src/options.js'
import { openFileRegion } from '../src/region/file.js'
import type { Region } from '../src/region/region.js'
import { SharedRegion, createSharedMemory } from '../src/region/shared.js'
import { Participant } from './participant.js'

/** A zone of one test. */
export interface TestZone {
  /** What `WorkerEvents.open` needs to find it. */
  readonly place: Pick<OpenOptions, 'zone' | 'directory'>
  /** Opens another handle. */
  open(options?: Partial<OpenOptions>): WorkerEvents
  /** Another participant's view of the memory; it has taken no place. */
  region(): Region
  /** Takes a place that is driven by hand. */
  join(): Participant
}

/** Makes zones, each of its own. */
export interface Subject {
  /** @param firstLap where the zone's count of laps starts; for zones of a great age */
  makeZone(dimensions?: Partial<Dimensions>, firstLap?: number): TestZone
  /** The first handle of a zone of its own. */
  open(options?: Partial<OpenOptions>): WorkerEvents
}

const small: Dimensions = { ringSize: 8, entryPayload: 80, maxWorkers: 4, uniqueKeys: 8, overflow: 'overwrite' }
const dimensionNames = Object.keys(small) as (keyof Dimensions)[]

function base(): string {
  return fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
}

/** A fresh directory that only this user can write; removed by {@link removeDirectories}. */
export function makeDirectory(): string {
  const directory = fs.mkdtempSync(path.join(base(), 'worker-events-test-'))
  directories.push(directory)
  return directory
}

const directories: string[] = []

export function removeDirectories(): void {
  for (const directory of directories.splice(0)) fs.rmSync(directory, { recursive: true, force: true })
}

class TestZones implements Subject {
  readonly #ends: (() => void)[] = []
  readonly #reported: unknown[] = []

  constructor(readonly isNamed: boolean) {}

  makeZone(changes: Partial<Dimensions> = {}, firstLap?: number): TestZone {
    const dimensions = { ...small, ...changes }
    const region = this.isNamed ? regionsOfFile(dimensions, firstLap) : regionsOfMemory(dimensions, firstLap)
    const { place } = region
    // Makes the zone.
    region.open().close()
    return {
      place,
      open: (options = {}) => this.#open({ ...options, ...place }),
      region: () => this.#keep(region.open()),
      join: () => this.#join(region.open()),
    }
  }

  open(options: Partial<OpenOptions> = {}): WorkerEvents {
    const given = dimensionNames.filter((name) => options[name] !== undefined)
    return this.makeZone(Object.fromEntries(given.map((name) => [name, options[name]]))).open(options)
  }

  #open(options: OpenOptions): WorkerEvents {
    const onError = (error: unknown): void => void this.#reported.push(error)
    const bus = WorkerEvents.open({ pollInterval: 0, lifecycle: false, onError, ...options })
    this.#ends.push(() => bus.close())
    return bus
  }

  /** Closes a region at the end, unless the test did: its descriptor may be another's by then. */
  #keep(region: Region): Region {
    const close = region.close.bind(region)
    let isOpen = true
    region.close = () => {
      if (isOpen) close()
      isOpen = false
    }
    this.#ends.push(() => region.close())
    return region
  }

  #join(region: Region): Participant {
    const participant = new Participant(region)
    this.#ends.push(() => participant.leave())
    return participant
  }

  /** Closes every handle; what was reported and not expected is the test's failure. */
  end(): void {
    for (const end of this.#ends.splice(0)) end()
    removeDirectories()
    expect(this.#reported.splice(0)).toEqual([])
  }
}

interface Regions {
  readonly place: TestZone['place']
  open(): Region
}

function regionsOfFile(fallback: Dimensions, firstLap?: number): Regions {
  const place = { zone: 'bus', directory: makeDirectory() }
  const request = { name: place.zone, directory: place.directory, wanted: {}, fallback }
  return { place, open: () => openFileRegion(firstLap === undefined ? request : { ...request, firstLap }) }
}

function regionsOfMemory(dimensions: Dimensions, firstLap?: number): Regions {
  const memory = createSharedMemory('bus', dimensions, firstLap)
  return { place: { zone: memory }, open: () => new SharedRegion(memory) }
}

/** Runs a suite on a named zone and on a `SharedArrayBuffer`. */
export function describeOnBothRegions(name: string, suite: (subject: Subject) => void): void {
  describe.each([
    { region: 'a named zone', isNamed: true },
    { region: 'a SharedArrayBuffer', isNamed: false },
  ])(`${name}, in $region`, ({ isNamed }) => {
    const zones = new TestZones(isNamed)
    afterEach(() => zones.end())
    suite(zones)
  })
}
