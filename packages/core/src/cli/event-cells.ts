/** An event as a person sees it. */
import { Buffer } from 'node:buffer'
import type { StoredEvent } from '../snapshot.js'
import { type Cell, timeCell } from './table.js'

export const eventHeadings = ['GENERATION', 'TIME', 'PID', 'CHANNEL', 'TYPE', 'PAYLOAD']

export function eventCells({ generation, timestamp, pid, channel, type, body = '' }: StoredEvent): Cell[] {
  const payload = typeof body === 'string' ? body : `base64 ${Buffer.from(body).toString('base64')}`
  return [generation, timeCell(timestamp), pid, channel, type, payload]
}
