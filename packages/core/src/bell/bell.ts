/**
 * The bell: how a worker that sleeps learns that there is something to read.
 *
 *     sleeper      1 draw a ticket   2 look again   3 sleep
 *     publisher    1 commit   2 load tickets   3 load the highest ticket rung   4 strike, if less   5 record it
 *
 * Announcing comes before the last look, and the commit before the look at the tickets, all of them sequentially
 * consistent: at least one side sees the other. The strike comes before its record: a publisher that dies between the
 * two causes one strike too many, never one too few. Once a ticket was rung, publishing costs two loads.
 *
 * The bell makes it fast, the timer makes it correct: whatever a wire loses, the slow poll finds.
 */
import { Header } from '../layout.js'
import type { Region } from '../region/region.js'
import { SharedWire } from './atomics.js'
import { WatchWire } from './watch.js'
import type { Wire } from './wire.js'

const SLEEP = Header.sleepTickets / 4
const RUNG = Header.rungTicket / 4

/** Tickets modulo 2³², over whichever wire the region offers. */
export class Bell {
  readonly #words: Int32Array
  readonly #wire: Wire
  #ticket = 0
  #announced = false

  /** @param onStrike called when a strike arrives while the wire listens; also without need */
  constructor(region: Region, onStrike: () => void) {
    this.#words = region.zone.i32
    const { bellPath } = region
    this.#wire = bellPath === undefined ? new SharedWire(this.#words, onStrike) : new WatchWire(bellPath, onStrike)
  }

  /** Draws a ticket: from now on, who publishes strikes. Look at the ring once more before sleeping. */
  announce(): void {
    this.#ticket = (Atomics.add(this.#words, SLEEP, 1) + 1) | 0
    // fault: bell.announced
    this.#announced = true
  }

  /** This worker is awake; its ticket, if it was not rung, is nobody's business any more but costs a strike at most. */
  wake(): void {
    this.#announced = false
  }

  /** Wakes whoever sleeps. To be called after each commit. */
  ring(): void {
    // fault: bell.ringing
    const tickets = Atomics.load(this.#words, SLEEP)
    const rung = Atomics.load(this.#words, RUNG)
    // fault: bell.looked
    const sleepers = (tickets - rung) | 0
    if (sleepers <= 0) return
    // The one ticket outstanding may be this worker's own: it wakes itself, without a system call.
    const onlySelf = sleepers === 1 && this.#announced && this.#ticket === tickets
    if (!onlySelf) this.#wire.strike()
    // fault: bell.struck
    Atomics.compareExchange(this.#words, RUNG, rung, tickets)
  }

  /** Strikes whatever the tickets say. */
  alarm(): void {
    this.#wire.strike()
  }

  listen(): void {
    this.#wire.listen()
  }

  /** Stops listening; striking goes on. */
  mute(): void {
    this.#wire.mute()
  }

  close(): void {
    this.#wire.close()
  }
}
