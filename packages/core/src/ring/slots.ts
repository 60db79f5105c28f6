/**
 * What writers and readers both do to slots: give them back, and decide what a generation is.
 *
 * The outcome of a generation, event or no event, is decided by one successful CAS on the state of its first slot, and
 * is the same for every reader. A timeout may decide the *event*, because a wrong decision only costs its publisher a
 * retry; the *bytes* of a slot change hands on proof of death alone.
 */
import { NOBODY, Phase, Place, isHeld, lapIn, lapOf, lapsAhead, ownerIn, phaseIn, stateWord } from '../layout.js'
import type { Region } from '../region/region.js'

const ALIVE_FOR = 1

/** Slot of a generation: `%`, but exact up to the last generation without the division of doubles that takes 20 ns. */
export function slotOf(generation: number, capacity: number): number {
  return (generation - Math.floor(generation / capacity) * capacity) | 0
}

/** A Number from the two halves of a 64-bit word. */
export function wide(low: number, high: number): number {
  return (low >>> 0) + high * 2 ** 32
}

/** The slots of a ring as one worker may change them. */
export class Slots {
  readonly #states: Int32Array
  readonly #capacity: number
  readonly #region: Region
  readonly #f64: Float64Array
  readonly #droppedAt: number
  readonly #aliveUntil: Float64Array

  constructor(
    region: Region,
    readonly worker: number,
  ) {
    this.#region = region
    this.#states = region.zone.states
    this.#f64 = region.zone.f64
    this.#capacity = region.zone.geometry.capacity
    this.#droppedAt = (region.zone.placeAt(worker) + Place.dropped) / 8
    this.#aliveUntil = new Float64Array(region.zone.geometry.dimensions.maxWorkers)
  }

  /** Retained events that this worker overwrote so far. */
  get overwritten(): number {
    return this.#f64[this.#droppedAt]
  }

  /**
   * Proof that a slot's owner is dead. The state word must have been loaded *before*: a later holder of the same place
   * then held its lock already when it wrote that word. "Alive" may be remembered for a moment, "dead" never.
   */
  isDead(owner: number): boolean {
    if (owner === this.worker || owner >= this.#aliveUntil.length) return false
    const now = performance.now()
    if (now < this.#aliveUntil[owner]) return false
    if (this.#region.isDead(owner)) return true
    this.#aliveUntil[owner] = now + ALIVE_FOR
    return false
  }

  /** True if the generation is no longer retained, by the full count of generations. Laps modulo 2²⁰ cannot tell. */
  isLapped(generation: number): boolean {
    return this.#region.zone.head() - generation > this.#capacity
  }

  /** Moves a slot's word on to a newer lap; false if somebody else changed it first. */
  advance(slot: number, from: number, to: number): boolean {
    if (Atomics.compareExchange(this.#states, slot, from, to) !== from) return false
    // fault: slot.advanced
    // Only the first entry of an event is ever committed, so this counts events.
    if (phaseIn(from) === Phase.COMMITTED) this.#f64[this.#droppedAt] = this.overwritten + 1
    return true
  }

  /** Gives a slot back, at whatever lap its word stands by now. */
  release(slot: number): void {
    for (;;) {
      const word = Atomics.load(this.#states, slot)
      if (!isHeld(word) || ownerIn(word) !== this.worker) return
      // fault: slot.releasing
      const free = stateWord(lapIn(word), NOBODY, Phase.VOID)
      if (Atomics.compareExchange(this.#states, slot, word, free) === word) return
    }
  }

  /** Decides that a generation which nobody has labelled holds no event. */
  decideVoid(generation: number): void {
    const slot = slotOf(generation, this.#capacity)
    const lap = lapOf(generation, this.#capacity)
    for (;;) {
      const word = Atomics.load(this.#states, slot)
      if (lapsAhead(word, lap) >= 0 || this.isLapped(generation)) return
      // fault: slot.voiding
      if (this.advance(slot, word, this.#emptied(word, lap))) return
    }
  }

  /** The word of a lap without an event: who still holds the bytes goes on holding them. */
  #emptied(word: number, lap: number): number {
    const held = isHeld(word) && !this.isDead(ownerIn(word))
    return held ? stateWord(lap, ownerIn(word), Phase.STALE) : stateWord(lap, NOBODY, Phase.VOID)
  }

  /**
   * Decides about an entry that is claimed and not written: if its writer is dead, or, once the wait is over, in any
   * case. Its writer's commit then fails, and it publishes under a new generation.
   */
  judge(generation: number, waitIsOver: boolean): void {
    const slot = slotOf(generation, this.#capacity)
    const lap = lapOf(generation, this.#capacity)
    const word = Atomics.load(this.#states, slot)
    if (phaseIn(word) !== Phase.BUSY || lapIn(word) !== lap) return
    // fault: slot.judging
    const next = this.#emptied(word, lap)
    if (waitIsOver || phaseIn(next) === Phase.VOID) Atomics.compareExchange(this.#states, slot, word, next)
  }
}
