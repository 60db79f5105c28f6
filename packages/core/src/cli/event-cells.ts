/** An event as a person sees it. */
import { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import type { WorkerEvent } from '../event.js'
import { type Cell, timeCell } from './table.js'

export const eventHeadings = ['GENERATION', 'TIME', 'PID', 'CHANNEL', 'TYPE', 'PAYLOAD']

export function eventCells({ generation, timestamp, pid = 0, channel, type, payload }: WorkerEvent): Cell[] {
  return [generation, timeCell(timestamp), pid, channel, type, payloadText(payload)]
}

function payloadText(payload: unknown): string {
  if (payload === undefined) return ''
  if (isUint8Array(payload)) return `base64 ${Buffer.from(payload).toString('base64')}`
  return JSON.stringify(payload)
}
