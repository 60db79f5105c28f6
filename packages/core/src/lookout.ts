/**
 * The lookout: one worker of a zone looks at every slow poll for all the others, who then need hardly ever wake.
 *
 * What a slow poll finds is the same for everybody: an event whose publisher died before it rang, a zone that was made
 * anew. Whoever finds it rings for the rest. So a word in the header names the one who looks, and the time of its last look
 * says whether it still does: one that is gone, stopped or too busy is relieved by the next who looks. Nothing but how
 * soon somebody looks depends on it, so clocks may be coarse and two may look for a while.
 */
import { Header } from './layout.js'
import type { Zone } from './region/zone.js'

const LOOKOUT = Header.lookout / 4
const LOOKED_AT = Header.lookedAt / 8

/** Nobody. */
const VACANT = 0

/** A look may come late by so much, however short the interval. */
const TOLERANCE = 100

export class Lookout {
  readonly #zone: Zone
  readonly #self: number

  constructor(zone: Zone, worker: number) {
    this.#zone = zone
    this.#self = worker + 1
  }

  /** True if nobody looks. One who sleeps should not leave it so. */
  get isVacant(): boolean {
    return Atomics.load(this.#zone.i32, LOOKOUT) === VACANT
  }

  /** Looks for everybody, unless another does so about as often: true if it is this worker that looks. */
  keep(interval: number): boolean {
    const { i32, f64 } = this.#zone
    const now = Date.now()
    const holder = Atomics.load(i32, LOOKOUT)
    if (holder !== this.#self) {
      // A clock that was set back must not keep one in office who is gone.
      const isKept = holder !== VACANT && Math.abs(now - f64[LOOKED_AT]) <= interval + TOLERANCE
      if (isKept || Atomics.compareExchange(i32, LOOKOUT, holder, this.#self) !== holder) return false
    }
    f64[LOOKED_AT] = now
    return true
  }

  /** Looks on for everybody, if it is this worker that does. */
  goOn(): boolean {
    const { i32, f64 } = this.#zone
    if (i32[LOOKOUT] !== this.#self) return false
    f64[LOOKED_AT] = Date.now()
    return true
  }

  /** Looks no more; true if this worker did, so that another has to be told. */
  resign(): boolean {
    return Atomics.compareExchange(this.#zone.i32, LOOKOUT, this.#self, VACANT) === this.#self
  }
}
