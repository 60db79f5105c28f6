/** `worker-events inspect`: one zone, its workers and what its ring retains. */
import { zoneDocument } from '../document.js'
import type { WorkerStatus } from '../registry.js'
import type { Snapshot } from '../snapshot.js'
import { ZoneReader } from '../zone-reader.js'
import type { Command } from './command.js'
import { eventCells, eventHeadings } from './event-cells.js'
import { filterFlags, filterIn } from './filter.js'
import { type Cell, tableLines, timeCell } from './table.js'

export const inspect: Command = {
  operands: 'ZONE',
  summary: 'Shows a zone: its ring, its workers and how far each has read, the events that are retained.',
  details: 'Whatever the filter, all but the events speaks of the whole zone.',
  flags: filterFlags,
  async run(given, output) {
    const [zone] = given.operands
    const filter = filterIn(given)
    const reader = ZoneReader.open({ zone, directory: given.text('directory') })
    try {
      const snapshot = reader.snapshot(filter)
      const lines = output.isForPerson
        ? linesOf(snapshot, output.columns)
        : [zoneDocument(snapshot, filter.channel ?? '')]
      for (const line of lines) await output.write(line)
    } finally {
      reader.close()
    }
  },
}

function linesOf(zone: Snapshot, columns: number): string[] {
  const workerHeadings = ['WORKER', 'PID', 'THREAD', 'CURSOR', 'LAG', 'MISSED', 'STARTED']
  return [
    ...summaryLines(zone),
    ...section('no worker is attached', workerHeadings, zone.workers.map(workerCells), columns),
    ...section('no such event is retained', eventHeadings, zone.events.map(eventCells), columns),
  ]
}

function summaryLines(zone: Snapshot): string[] {
  return [
    `zone          ${zone.zone}`,
    `epoch         ${zone.epoch}`,
    `capacity      ${zone.capacity}`,
    `generations   ${zone.oldestGeneration} to ${zone.newestGeneration}`,
    `dropped       ${zone.droppedEvents}`,
    `last publish  ${timeCell(zone.lastPublish)}`,
  ]
}

function section(none: string, headings: string[], rows: Cell[][], columns: number): string[] {
  return ['', ...(rows.length === 0 ? [none] : tableLines(headings, rows, columns))]
}

function workerCells({ id, pid, thread, cursor, lag, missed, startedAt }: WorkerStatus): Cell[] {
  return [id, pid, thread, cursor, lag, missed, timeCell(startedAt)]
}
