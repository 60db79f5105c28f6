/**
 * Worker places: one for each open handle of a zone.
 *
 * A place is taken with the proof of life (see `Region`), and only then is what its last holder left behind cleaned up:
 * without that, slots of the dead would look as if the new holder held them, for ever.
 *
 *     dies here: the proof ends, the place is dead, and whoever takes it next cleans up again. Every step can be repeated.
 */
import { threadId } from 'node:worker_threads'
import { WorkerEventsError } from './errors.js'
import {
  FREE,
  JOINING,
  LIVE,
  MOVED,
  NOBODY,
  Phase,
  Place,
  TAKEN,
  UNCLAIMED,
  claimWord,
  claimantIn,
  isHeld,
  lapIn,
  ownerIn,
  stateWord,
} from './layout.js'
import type { Region } from './region/region.js'
import type { Zone } from './region/zone.js'
import { buryDrafts } from './unique/keys.js'

/** A worker as `inspect()` shows it. */
export interface WorkerStatus {
  /** Its place in the zone; reused after it is gone. */
  readonly id: number
  readonly pid: number
  /** Thread of that process; 0 is its main thread. */
  readonly thread: number
  /** Last generation that it has read. */
  readonly cursor: number
  /** Generations that it has yet to read. */
  readonly lag: number
  /** Generations that it lost. */
  readonly missed: number
  /** When it opened the zone, in epoch milliseconds. */
  readonly startedAt: number
}

/** One handle's own place. */
export class Membership {
  readonly #zone: Zone
  readonly #at: number

  constructor(
    zone: Zone,
    readonly worker: number,
  ) {
    this.#zone = zone
    this.#at = zone.placeAt(worker)
  }

  /** Publishes how far this worker has read. */
  storeCursor(cursor: number): void {
    Atomics.store(this.#zone.i64, (this.#at + Place.cursor) / 8, BigInt(cursor))
  }

  addMissed(count: number): void {
    const at = (this.#at + Place.missed) / 8
    this.#zone.f64[at] = this.#zone.f64[at] + count
  }

  /** Says that this worker publishes here no more, although it still reads. */
  moveOn(): void {
    Atomics.store(this.#zone.i32, (this.#at + Place.phase) / 4, MOVED)
  }

  /** Gives the place back. No slot can be held: publishing is synchronous. */
  leave(): void {
    Atomics.store(this.#zone.i32, (this.#at + Place.phase) / 4, FREE)
  }
}

/**
 * Takes a worker place; `undefined` if every place has a living holder.
 * The cursor is set again once the place counts: a publisher that looked for the slowest worker before cannot have gone
 * beyond it, and one that looks later sees it. Only then does the worker show itself: who sees it may rely on it that
 * all that is published from now on will be delivered.
 */
export function join(region: Region): Membership | undefined {
  const { zone } = region
  for (let worker = 0; worker < zone.geometry.dimensions.maxWorkers; worker++) {
    if (!region.take(worker)) continue
    // fault: join.taken
    const at = zone.placeAt(worker)
    // Or the proof of life just taken would bring the dead holder back to life, with the cursor that it died with.
    if (Atomics.exchange(zone.i32, at / 4, TAKEN) !== FREE) {
      bury(zone, worker)
      // fault: join.swept
      buryDrafts(zone, worker)
    }
    // fault: join.buried
    const membership = new Membership(zone, worker)
    zone.i32[(at + Place.pid) / 4] = process.pid
    zone.i32[(at + Place.thread) / 4] = threadId
    zone.f64[(at + Place.startedAt) / 8] = Date.now()
    zone.f64[(at + Place.missed) / 8] = 0
    membership.storeCursor(zone.head())
    // fault: join.described
    Atomics.store(zone.i32, at / 4, JOINING)
    // fault: join.joining
    membership.storeCursor(zone.head())
    // fault: join.settled
    Atomics.store(zone.i32, at / 4, LIVE)
    return membership
  }
  return undefined
}

/** Frees all that the dead holder of a place still held, and lets others execute what it had claimed and not begun. */
function bury(zone: Zone, worker: number): void {
  for (let slot = 0; slot < zone.geometry.capacity; slot++) {
    for (;;) {
      const word = Atomics.load(zone.states, slot)
      if (!isHeld(word) || ownerIn(word) !== worker) break
      if (Atomics.compareExchange(zone.states, slot, word, stateWord(lapIn(word), NOBODY, Phase.VOID)) === word) break
    }
    // fault: join.sweeping
    const claim = Atomics.load(zone.claims, slot)
    if (claimantIn(claim) === worker + 1) {
      Atomics.compareExchange(zone.claims, slot, claim, claimWord(lapIn(claim), UNCLAIMED))
    }
  }
}

/** The workers that are alive; `newest` is the last generation that is decided. */
export function workersOf(region: Region, self: number, newest: number): WorkerStatus[] {
  const { zone } = region
  const workers: WorkerStatus[] = []
  for (let id = 0; id < zone.geometry.dimensions.maxWorkers; id++) {
    if (phaseOf(zone, id) !== LIVE || !isLive(region, id, self)) continue
    const at = zone.placeAt(id)
    const cursor = Math.max(0, zone.publicOf(cursorOf(zone, id)) - 1)
    workers.push({
      id,
      pid: zone.i32[(at + Place.pid) / 4],
      thread: zone.i32[(at + Place.thread) / 4],
      cursor,
      lag: Math.max(0, newest - cursor),
      missed: zone.f64[(at + Place.missed) / 8],
      startedAt: zone.f64[(at + Place.startedAt) / 8],
    })
  }
  return workers
}

/** True if a living worker holds the place and reads and publishes here, or is about to. */
export function isLive(region: Region, worker: number, self: number): boolean {
  const phase = phaseOf(region.zone, worker)
  return (phase === LIVE || phase === JOINING) && (worker === self || !region.isDead(worker))
}

function phaseOf(zone: Zone, worker: number): number {
  return Atomics.load(zone.i32, zone.placeAt(worker) / 4)
}

/** True if a worker other than `self` may still publish here. */
export function hasOthers(region: Region, self: number): boolean {
  const { maxWorkers } = region.zone.geometry.dimensions
  for (let id = 0; id < maxWorkers; id++) if (id !== self && isLive(region, id, self)) return true
  return false
}

/** The generation that a worker reads next. */
export function cursorOf(zone: Zone, worker: number): number {
  return Number(Atomics.load(zone.i64, (zone.placeAt(worker) + Place.cursor) / 8))
}

/** Events that were overwritten, and the time of the last publish, over all that ever published. */
export function totals(zone: Zone): { droppedEvents: number; lastPublish: number } {
  let droppedEvents = 0
  let lastPublish = 0
  for (let id = 0; id < zone.geometry.dimensions.maxWorkers; id++) {
    const at = zone.placeAt(id)
    droppedEvents += zone.f64[(at + Place.dropped) / 8]
    lastPublish = Math.max(lastPublish, zone.f64[(at + Place.lastPublish) / 8])
  }
  return { droppedEvents, lastPublish }
}

/** The error of a zone without a free place. */
export function zoneFull(name: string, maxWorkers: number): WorkerEventsError {
  return new WorkerEventsError(
    'ERR_ZONE_FULL',
    `all ${maxWorkers} worker places of zone "${name}" are taken: close handles, or open it with a larger maxWorkers`,
  )
}
