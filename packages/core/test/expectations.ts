/** What tests expect again and again: an error of a code, the events of a bus, a condition that comes true. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { WorkerEvent, WorkerEvents, WorkerEventsErrorCode } from '../src/index.js'

/** Matches an error of this package by its code, and by parts of its message that must all be there. */
export function coded(code: WorkerEventsErrorCode, ...parts: (string | number)[]): Error {
  const name = 'WorkerEventsError'
  const message = expect.stringMatching(inAnyOrder(parts)) as unknown
  return expect.objectContaining<object>({ name, code, message }) as Error
}

function inAnyOrder(parts: readonly (string | number)[]): RegExp {
  const lookaheads = parts.map((part) => `(?=[^]*${String(part).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')})`)
  return new RegExp(`^${lookaheads.join('')}`, 'u')
}

/** What a call throws; a call that throws nothing fails the test. */
export function thrownBy(call: () => unknown): Error & { code?: string } {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Everything that a bus delivers from now on. */
export function recordAll(bus: WorkerEvents): WorkerEvent[] {
  const seen: WorkerEvent[] = []
  bus.subscribe((_, event) => seen.push(event))
  return seen
}

/** Waits until a condition holds; a condition that never does fails the test by jest's time limit. */
export async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) await (looks < 20 ? turn() : sleep(1))
}

/** Turns of the event loop, for what must not happen in any of them. */
export async function turns(count = 20): Promise<void> {
  for (let each = 0; each < count; each++) await turn()
}

/** Publishes `count` small events with payloads 0, 1, 2, … and returns their generations. */
export function publishMany(bus: WorkerEvents, count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => bus.publish('numbers', 'next', from + index))
}

/** True once the zone's count of laps, as state words hold it, has wrapped: zones start three laps before. */
export function hasWrapped(bus: WorkerEvents): boolean {
  return bus.inspect({ limit: 1 }).newestGeneration > 3 * bus.capacity
}
