/** The endpoint's bodies, written out here as the contract shows them and not as the endpoint makes them. */
import { Buffer } from 'node:buffer'
import type { WorkerEvents } from '@worker-events/core'
import { CHANNEL } from './stage.js'

/** Headers of every document. */
export function documentHeaders(body: string): Record<string, string> {
  const length = String(Buffer.byteLength(body))
  return { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'content-length': length }
}

export function errorBody(error: string, code: string): string {
  return `{"module":"worker_events","status":"error","error":"${error}","code":"${code}"}`
}

export function publishedBody(generation: number, evicted = false, channel = CHANNEL): string {
  const rest = `"generation":${generation},"retention_evicted":${String(evicted)}`
  return `{"module":"worker_events","status":"published","zone":"bus","channel":${JSON.stringify(channel)},${rest}}`
}

export function duplicateBody(): string {
  const rest = '"generation":0,"retention_evicted":false'
  return `{"module":"worker_events","status":"duplicate","zone":"bus","channel":"${CHANNEL}",${rest}}`
}

/** An event as it must be shown. */
export interface Shown {
  readonly generation: number
  readonly type?: string
  /** JSON text. */
  readonly payload?: string
  readonly channel?: string
  /** What follows the keys that every event has. */
  readonly added?: string
}

/** Only the time of publishing is asked of the bus, by another way than the endpoint's. */
export function eventBody(bus: WorkerEvents, shown: Shown): string {
  const { generation, type = 'purged', payload = '"tag:assets"', channel = CHANNEL, added = '' } = shown
  const timestamp = bus.inspect().events.find((event) => event.generation === generation)?.timestamp
  const names = `"type":${JSON.stringify(type)},"payload":${payload},"channel":${JSON.stringify(channel)}`
  const origin = `"created_at_msec":${String(timestamp)},"pid":${process.pid}`
  return `{"generation":${generation},${names},${origin}${added}}`
}

/** A whole inspection: what it must say about the zone, and the events that it must show. */
export interface Ring {
  readonly capacity?: number
  readonly oldest: number
  readonly newest: number
  readonly dropped?: number
  /** The filter in force. */
  readonly channel?: string
  readonly events: readonly Shown[]
}

export function zoneBody(bus: WorkerEvents, ring: Ring): string {
  const { capacity = 8, oldest, newest, dropped = 0, channel = CHANNEL } = ring
  const { lastPublish, workers, epoch } = bus.inspect()
  const names = `"module":"worker_events","zone":"bus","channel":${JSON.stringify(channel)}`
  const generations = `"capacity":${capacity},"oldest_generation":${oldest},"newest_generation":${newest}`
  const counters = `"dropped_events":${dropped},"last_publish_msec":${lastPublish}`
  const events = ring.events.map((event) => eventBody(bus, event)).join(',')
  const seen = workers.map(({ id, startedAt }) => {
    const progress = `"cursor":${newest},"lag":0,"missed":0,"started_at_msec":${startedAt}`
    return `{"id":${id},"pid":${process.pid},"thread":0,${progress}}`
  })
  const rest = `"events":[${events}],"workers":[${seen.join(',')}],"epoch":"${epoch}"`
  return `{${names},${generations},${counters},${rest}}`
}
