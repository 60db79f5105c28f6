/**
 * The claims on unique events: of all workers that want one, exactly one executes it.
 *
 *     claim       CAS free → me, by a worker that has a handler for it
 *     execute     CAS me → EXECUTED, right before the first handler is called
 *
 * Dies between the two: whoever lost the claim looks again at each slow poll, finds the claimant dead and claims for
 * itself. Dies after: it counts as executed, at most once. Stops anywhere: keeps it.
 *
 * The word carries the lap, so that a claim can never fall on the slot's next event.
 */
import { EXECUTED, UNCLAIMED, claimWord, claimantIn, lapIn, lapOf } from '../layout.js'
import type { Zone } from '../region/zone.js'
import type { Slots } from '../ring/slots.js'

/** What came of an attempt to claim an event. */
export type Claim = 'won' | 'executed' | 'held' | 'lapped'

/** The claim words as one worker uses them. */
export class Claims {
  readonly #zone: Zone
  readonly #slots: Slots

  constructor(zone: Zone, slots: Slots) {
    this.#zone = zone
    this.#slots = slots
  }

  /** Tries to win an event that was read whole at this generation. */
  claim(generation: number): Claim {
    const { claims, geometry } = this.#zone
    const slot = generation % geometry.capacity
    const lap = lapOf(generation, geometry.capacity)
    const mine = claimWord(lap, this.#slots.worker + 1)
    for (;;) {
      const word = Atomics.load(claims, slot)
      if (lapIn(word) !== lap || this.#slots.isLapped(generation)) return 'lapped'
      const claimant = claimantIn(word)
      if (claimant === EXECUTED) return 'executed'
      if (claimant !== UNCLAIMED && !this.#slots.isDead(claimant - 1)) return 'held'
      // fault: claim.claiming
      if (Atomics.compareExchange(claims, slot, word, mine) === word) return 'won'
    }
  }

  /** To be called right before the handlers of an event that was won. */
  execute(generation: number): void {
    const { claims, geometry } = this.#zone
    const lap = lapOf(generation, geometry.capacity)
    const mine = claimWord(lap, this.#slots.worker + 1)
    // fault: claim.claimed
    Atomics.compareExchange(claims, generation % geometry.capacity, mine, claimWord(lap, EXECUTED))
    // fault: claim.executing
  }

  /** Gives a claim back: no handler was called. */
  decline(generation: number): void {
    const { claims, geometry } = this.#zone
    const lap = lapOf(generation, geometry.capacity)
    const mine = claimWord(lap, this.#slots.worker + 1)
    Atomics.compareExchange(claims, generation % geometry.capacity, mine, claimWord(lap, UNCLAIMED))
  }
}
