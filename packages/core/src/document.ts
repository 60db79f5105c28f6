/**
 * The zone and its events as JSON documents: the names and the order of keys of the nginx module's inspection, and
 * behind them what is added here. HTTP and the command line say the same.
 */
import { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import type { WorkerStatus } from './registry.js'
import type { Snapshot, StoredEvent, ZoneStatus } from './snapshot.js'

/** An event without its payload. */
type Shown = Omit<StoredEvent, 'body'>

/** An event of a snapshot on one line. Its payload is the JSON text that was published, which is not parsed. */
export function storedEventDocument({ body, ...event }: StoredEvent): string {
  return isUint8Array(body) ? bytesDocument(event, body) : textDocument(event, body)
}

/** A snapshot on one line. @param channel the filter that was in force; empty if every channel is shown */
export function zoneDocument({ events, ...status }: Snapshot, channel: string): string {
  const [before, after] = zoneFrame(status, channel)
  return before + events.map(storedEventDocument).join(',') + after
}

/** What stands before the events, and what behind them. */
export function zoneFrame(zone: ZoneStatus, channel: string): [before: string, after: string] {
  const names = `"module":"worker_events","zone":${JSON.stringify(zone.zone)},"channel":${JSON.stringify(channel)}`
  const generations = `"oldest_generation":${zone.oldestGeneration},"newest_generation":${zone.newestGeneration}`
  const counters = `"dropped_events":${zone.droppedEvents},"last_publish_msec":${zone.lastPublish}`
  const workers = zone.workers.map(workerDocument).join(',')
  return [
    `{${names},"capacity":${zone.capacity},${generations},${counters},"events":[`,
    `],"workers":[${workers}],"epoch":${JSON.stringify(zone.epoch)}}`,
  ]
}

function workerDocument({ id, pid, thread, cursor, lag, missed, startedAt }: WorkerStatus): string {
  const place = `"id":${id},"pid":${pid},"thread":${thread}`
  return `{${place},"cursor":${cursor},"lag":${lag},"missed":${missed},"started_at_msec":${startedAt}}`
}

/** An event without a payload shows an empty string, as in the nginx module. */
function textDocument(event: Shown, payload = '""'): string {
  return document(event, payload, {})
}

function bytesDocument(event: Shown, bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes
  const payload = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  return document(event, `"${payload}"`, { payload_encoding: 'base64' })
}

function document({ generation, type, channel, timestamp, pid }: Shown, payload: string, added: object): string {
  const rest = JSON.stringify({ channel, created_at_msec: timestamp, pid, ...added })
  return `{"generation":${generation},"type":${JSON.stringify(type)},"payload":${payload},${rest.slice(1)}`
}
