/** `worker-events ls`: the zones of a directory, those that cannot be used too. */
import fs from 'node:fs'
import { WorkerEventsError, type WorkerEventsErrorCode } from '../errors.js'
import { defaultDirectory, zonePath, zonesIn } from '../region/directory.js'
import { ZoneReader } from '../zone-reader.js'
import type { Command } from './command.js'
import type { Output } from './output.js'
import { type Cell, tableLines } from './table.js'

export const ls: Command = {
  operands: '',
  summary: 'Lists the zones of this machine.',
  details: 'A zone that is damaged, or that this user may not trust, is listed with what is wrong with it.',
  flags: {},
  async run(given, output) {
    const directory = given.text('directory') ?? defaultDirectory()
    const zones = zonesIn(directory).map((zone) => look(zone, directory))
    const lines = output.isForPerson ? linesOf(zones, directory, output) : zones.map((zone) => JSON.stringify(zone))
    for (const line of lines) await output.write(line)
  },
}

/** A zone that can be used. */
interface Usable {
  readonly zone: string
  readonly workers: number
  readonly newest_generation: number
  readonly capacity: number
  readonly bytes: number
}

/** A zone that cannot, and why. */
interface Unusable {
  readonly zone: string
  readonly bytes: number
  readonly error: string
  readonly code: WorkerEventsErrorCode
}

function look(zone: string, directory: string): Usable | Unusable {
  const bytes = fs.lstatSync(zonePath(directory, zone), { throwIfNoEntry: false })?.size ?? 0
  try {
    return { zone, ...measure(zone, directory), bytes }
  } catch (error) {
    if (!(error instanceof WorkerEventsError) || error.code === 'ERR_UNSUPPORTED_PLATFORM') throw error
    return { zone, bytes, error: error.message, code: error.code }
  }
}

function measure(zone: string, directory: string): Omit<Usable, 'zone' | 'bytes'> {
  const reader = ZoneReader.open({ zone, directory })
  try {
    // No event is newer than that: only the counters are wanted.
    const { workers, newestGeneration, capacity } = reader.snapshot({ since: Number.MAX_SAFE_INTEGER })
    return { workers: workers.length, newest_generation: newestGeneration, capacity }
  } finally {
    reader.close()
  }
}

function linesOf(zones: readonly (Usable | Unusable)[], directory: string, output: Output): string[] {
  if (zones.length === 0) return [`no zones in ${directory}`]
  const headings = ['ZONE', 'WORKERS', 'NEWEST', 'CAPACITY', 'BYTES', 'PROBLEM']
  const rows = zones.map(rowOf)
  const isSound = rows.every((row) => row.at(-1) === '')
  const width = isSound ? -1 : headings.length
  return tableLines(
    headings.slice(0, width),
    rows.map((row) => row.slice(0, width)),
    output.columns,
  )
}

function rowOf(zone: Usable | Unusable): Cell[] {
  if ('error' in zone) return [zone.zone, '-', '-', '-', zone.bytes, `${zone.error} (${zone.code})`]
  return [zone.zone, zone.workers, zone.newest_generation, zone.capacity, zone.bytes, '']
}
