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
import { type OpenOptions, WorkerEvents, createZoneBuffer } from '../src/index.js'
import type { Dimensions } from '../src/options.js'

/** A zone of one test. */
export interface TestZone {
  /** What `WorkerEvents.open` needs to find it. */
  readonly place: Pick<OpenOptions, 'zone' | 'directory'>
  /** Opens another handle. */
  open(options?: Partial<OpenOptions>): WorkerEvents
}

/** Makes zones, each of its own. */
export interface Subject {
  makeZone(dimensions?: Partial<Dimensions>): TestZone
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
  readonly #handles: WorkerEvents[] = []
  readonly #reported: unknown[] = []

  constructor(readonly isNamed: boolean) {}

  makeZone(dimensions: Partial<Dimensions> = {}): TestZone {
    const all = { ...small, ...dimensions }
    const place = this.isNamed ? { zone: 'bus', directory: makeDirectory() } : { zone: createZoneBuffer(all) }
    let isMade = false
    const open = (options: Partial<OpenOptions> = {}): WorkerEvents => {
      const opening = isMade || !this.isNamed ? {} : all
      isMade = true
      return this.#keep({ ...opening, ...options, ...place })
    }
    return { place, open }
  }

  open(options: Partial<OpenOptions> = {}): WorkerEvents {
    const given = dimensionNames.filter((name) => options[name] !== undefined)
    return this.makeZone(Object.fromEntries(given.map((name) => [name, options[name]]))).open(options)
  }

  #keep(options: OpenOptions): WorkerEvents {
    const onError = (error: unknown): void => void this.#reported.push(error)
    const bus = WorkerEvents.open({ pollInterval: 0, lifecycle: false, onError, ...options })
    this.#handles.push(bus)
    return bus
  }

  /** Closes every handle; what was reported and not expected is the test's failure. */
  end(): void {
    for (const bus of this.#handles.splice(0)) bus.close()
    removeDirectories()
    expect(this.#reported.splice(0)).toEqual([])
  }
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
