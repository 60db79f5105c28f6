/** `worker-events tail`: the events of a zone as they are published. */
import { storedEventDocument } from '../document.js'
import type { Missed, WorkerEvent } from '../event.js'
import { serialize } from '../payload.js'
import type { StoredEvent } from '../snapshot.js'
import { ZoneReader } from '../zone-reader.js'
import type { Command } from './command.js'
import { eventCells } from './event-cells.js'
import { filterFlags, filterIn } from './filter.js'
import type { Output } from './output.js'
import { printable } from './printable.js'

export const tail: Command = {
  operands: 'ZONE',
  summary: 'Shows events as they are published, until it is interrupted or has shown --limit events.',
  details: 'It starts at now, or with --since in the past. It sees unique events too, and takes none from a worker.',
  flags: filterFlags,
  async run(given, output) {
    const [zone] = given.operands
    const { channel, type, since, limit = 0 } = filterIn(given)
    const reader = ZoneReader.open({ zone, directory: given.text('directory') }).ref()
    const onMissed = (missed: Missed): void => void output.write(missedLine(missed, output))
    let count = 0
    for await (const event of reader.events({ channel, type, replay: since, onMissed })) {
      const stored = storedOf(event) ?? storedAgain(event, reader)
      await output.write(stored === undefined ? missedLine(one(event), output) : eventLine(stored, output))
      if (++count === limit) break
    }
    reader.close()
  },
}

/** The event as it lies in the ring; `undefined` if its payload is nested too deeply for `JSON.stringify`. */
function storedOf({ payload, pid = 0, unique, ...rest }: WorkerEvent): StoredEvent | undefined {
  try {
    return { ...rest, pid, unique, body: serialize(payload) }
  } catch {
    return undefined
  }
}

/** The event from the ring itself, if it is still there. */
function storedAgain({ generation }: WorkerEvent, reader: ZoneReader): StoredEvent | undefined {
  const [event] = reader.snapshot({ since: generation - 1, limit: 1 }).events as (StoredEvent | undefined)[]
  return event?.generation === generation ? event : undefined
}

function one({ generation }: WorkerEvent): Missed {
  return { from: generation, to: generation, count: 1 }
}

function eventLine(event: StoredEvent, output: Output): string {
  return output.isForPerson ? printable(eventCells(event).join('  ')) : storedEventDocument(event)
}

/** A loss is told among the events, so that who reads them knows that the sequence has a gap. */
function missedLine(missed: Missed, output: Output): string {
  if (!output.isForPerson) return JSON.stringify({ missed })
  return `missed generations ${missed.from} to ${missed.to}: they were overwritten before they could be shown`
}
