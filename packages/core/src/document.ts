/**
 * The zone and its events as JSON documents: the names and the order of keys of the nginx module's inspection, and
 * behind them what is added here. HTTP and the command line say the same.
 */
import { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import type { WorkerStatus } from './registry.js'
import type { Snapshot, StoredEvent } from './snapshot.js'

/** An event without its payload. */
type Shown = Omit<StoredEvent, 'body'>

/** An event of a snapshot on one line. Its payload is the JSON text that was published, which is not parsed. */
export function storedEventDocument({ body, ...event }: StoredEvent): string {
  return isUint8Array(body) ? bytesDocument(event, body) : textDocument(event, body)
}

/** A snapshot on one line. @param channel the filter that was in force; empty if every channel is shown */
export function zoneDocument(snapshot: Snapshot, channel: string): string {
  const head = JSON.stringify({
    module: 'worker_events',
    zone: snapshot.zone,
    channel,
    capacity: snapshot.capacity,
    oldest_generation: snapshot.oldestGeneration,
    newest_generation: snapshot.newestGeneration,
    dropped_events: snapshot.droppedEvents,
    last_publish_msec: snapshot.lastPublish,
  })
  const events = snapshot.events.map(storedEventDocument).join(',')
  const rest = JSON.stringify({ workers: snapshot.workers.map(workerDocument), epoch: snapshot.epoch })
  return `${head.slice(0, -1)},"events":[${events}],${rest.slice(1)}`
}

function workerDocument({ id, pid, thread, cursor, lag, missed, startedAt }: WorkerStatus): object {
  return { id, pid, thread, cursor, lag, missed, started_at_msec: startedAt }
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
