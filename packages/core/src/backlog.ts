/**
 * How far the live workers are behind: what a publisher that must not overwrite may use, and what `drained()` waits for.
 *
 * A dead worker does not count, nor one that stays behind without moving for five seconds: it is stopped, or a handler
 * of its never ends, and it must not hold up everybody else.
 */
import { cursorOf, isLive } from './registry.js'
import type { Region } from './region/region.js'

/** How long a worker may stand still while it is behind before it is left behind, in milliseconds. */
export const STUCK_AFTER = 5000

/** Watches the cursors of a zone's workers from one handle. */
export class Backlog {
  readonly #region: Region
  readonly #self: number
  /** By worker: the cursor it was last seen at while behind, and since when. */
  readonly #seen: Float64Array
  readonly #since: Float64Array

  constructor(region: Region, self: number) {
    this.#region = region
    this.#self = self
    this.#seen = new Float64Array(region.zone.geometry.dimensions.maxWorkers)
    this.#since = new Float64Array(region.zone.geometry.dimensions.maxWorkers)
  }

  /** The lowest generation below `head` that a worker who counts has yet to read; `head` if there is none. */
  oldestUnread(head: number): number {
    const now = performance.now()
    let oldest = head
    for (let worker = 0; worker < this.#seen.length; worker++) {
      const cursor = cursorOf(this.#region.zone, worker)
      // The proof of life is a system call, so it is asked for last.
      if (cursor >= oldest || !isLive(this.#region, worker, this.#self)) continue
      if (!this.#isStuck(worker, cursor, now)) oldest = cursor
    }
    return oldest
  }

  #isStuck(worker: number, cursor: number, now: number): boolean {
    if (this.#seen[worker] !== cursor) {
      this.#seen[worker] = cursor
      this.#since[worker] = now
    }
    return now - this.#since[worker] >= STUCK_AFTER
  }
}
