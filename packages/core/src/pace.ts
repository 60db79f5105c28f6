/**
 * Pace: when a worker looks at the ring.
 *
 *     awake      a turn of the event loop is scheduled: drain within a budget, so that the ring cannot starve I/O
 *     spinning   the last turn found nothing: look for a few more turns, because who is awake costs publishers nothing
 *     lingering  the same in a rush of events: look again a millisecond later, as every wake-up would bring a few of them
 *     asleep     a ticket is drawn; the bell, the slow poll or the judge's timer starts the next turn
 *
 * One worker of the zone makes its slow poll at every interval (`Lookout`) and rings if it finds something; the others
 * poll once a second, unless they wait for something that no bell will tell them.
 *
 * With a poll interval of 0 none of this runs: only `poll()` delivers, which is reminded once a second to look further.
 */
import type { Attachment } from './attachment.js'
import type { Delivery } from './delivery.js'

/** Budget of one turn: events, and milliseconds. */
const TURN_EVENTS = 256
const TURN_TIME = 2

/** Turns that find nothing before a worker sleeps; two were best on two cores, many more cost others their time. */
const SPINS = 2

/** In a rush, so many events a millisecond or more, a worker does not have itself woken but looks every millisecond. */
const RUSH = 32
const LINGER = 1

/** More than this nobody publishes in a millisecond. */
const FASTEST = 1000

/** How often one polls, at most, for whom another looks, in milliseconds. */
const RELAXED = 1000

/** How often one who is struck looks whether the zone was made anew, at most, in milliseconds. */
const SUSPECT_EVERY = 50

/** One slow poll in so many does more than look at the ring: asking the file system is dear. */
const THOROUGH = 10

/** How often a worker that stands at an undecided entry looks again, in milliseconds. */
const JUDGE_EVERY = 2

const LONGEST_TIMER = 2 ** 31 - 1

export class Pace {
  readonly #delivery: Delivery
  readonly #onTick: () => void
  readonly #onAdvance: () => void
  #isScheduled = false
  #isAsleep = false
  #spins = 0
  #hasRush = false
  #measuredAt = 0
  /** Events dealt with since the last measurement. */
  #dealt = 0
  #interval = 0
  /** Interval of the slow poll as it runs now. */
  #every = 0
  #poll: (() => void) | undefined
  #ticks = 0
  #slowPoll: NodeJS.Timeout | undefined
  #suspicion: NodeJS.Timeout | undefined
  #isSuspicious = false
  #hasReminder = false
  #judge: NodeJS.Timeout | undefined
  #nextLook: NodeJS.Timeout | undefined
  #anchor: NodeJS.Timeout | undefined

  /**
   * @param onTick called at thorough slow polls, before it looks, and soon after the bell was struck
   * @param onAdvance called after each turn that dealt with something
   */
  constructor(delivery: Delivery, onTick: () => void, onAdvance: () => void) {
    this.#delivery = delivery
    this.#onTick = onTick
    this.#onAdvance = onAdvance
  }

  /** Sets the slow poll; 0 stops everything that runs by itself. */
  setInterval(milliseconds: number): void {
    this.#interval = milliseconds
    for (const source of this.#delivery.sources) {
      if (milliseconds > 0) source.bell.listen()
      else {
        source.bell.mute()
        source.standDown()
      }
    }
    if (milliseconds > 0) {
      this.#keepWatch()
      this.schedule()
    } else {
      clearTimeout(this.#nextLook)
      this.#pollEvery(RELAXED, this.#remind)
    }
  }

  /** Keeps the process running, or not, while the bus is open. Nothing else here does. */
  setRef(isRef: boolean): void {
    clearInterval(this.#anchor)
    this.#anchor = isRef ? setInterval(() => undefined, LONGEST_TIMER) : undefined
  }

  /** Polls as often as it takes: for everybody, for what this worker alone waits for, or hardly ever. */
  #keepWatch(): void {
    const looksForAll = this.#current.lookout.keep(this.#interval)
    this.#pollEvery(looksForAll || this.#mustPoll ? this.#interval : Math.max(this.#interval, RELAXED))
  }

  /** The present life of the zone. */
  get #current(): Attachment {
    const { sources } = this.#delivery
    return sources[sources.length - 1]
  }

  /** True if this worker waits for what no bell will tell: the end of a claimant, or of an earlier life of the zone. */
  get #mustPoll(): boolean {
    const { sources } = this.#delivery
    return sources.length > 1 || sources[0].contested.length > 0
  }

  #pollEvery(milliseconds: number, poll = this.#tick): void {
    if (milliseconds === this.#every && poll === this.#poll) return
    this.#every = milliseconds
    this.#poll = poll
    clearInterval(this.#slowPoll)
    this.#slowPoll = setInterval(poll, milliseconds).unref()
  }

  /** Has the ring looked at in the next turn of the event loop. */
  schedule(): void {
    if (this.#isScheduled || this.#interval === 0) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  /** A strike of the bell: looks at once, not a turn later. */
  readonly strike = (): void => {
    if (this.#interval > 0 && !this.#isScheduled) this.#turn()
    this.#suspect()
  }

  /** The strike may have said that the zone was made anew. Looks at once and, if more come soon, once more after them. */
  #suspect(): void {
    if (this.#interval === 0) return
    this.#isSuspicious = this.#suspicion !== undefined
    if (this.#isSuspicious) return
    this.#suspicion = setTimeout(this.#suspectAgain, SUSPECT_EVERY).unref()
    this.#onTick()
  }

  readonly #suspectAgain = (): void => {
    this.#suspicion = undefined
    if (this.#isSuspicious) this.#suspect()
  }

  /** True once in a while where nothing runs by itself: it is time for what a thorough slow poll does. */
  takeReminder(): boolean {
    const hasReminder = this.#hasReminder
    this.#hasReminder = false
    return hasReminder
  }

  readonly #remind = (): void => {
    this.#hasReminder = true
  }

  stop(): void {
    this.#interval = 0
    clearInterval(this.#slowPoll)
    clearTimeout(this.#suspicion)
    clearTimeout(this.#judge)
    clearTimeout(this.#nextLook)
    clearInterval(this.#anchor)
  }

  readonly #tick = (): void => {
    const isThorough = this.#ticks++ % THOROUGH === 0
    if (!isThorough && this.#isQuiet()) return
    if (isThorough || this.#mustPoll || this.#current.isRetired) this.#onTick()
    // A handler may have closed the bus.
    if (this.#interval === 0) return
    this.#keepWatch()
    if (!this.#delivery.hasWork) return
    // Who published it may have died before ringing.
    for (const { bell } of this.#delivery.sources) bell.ring()
    if (!this.#isScheduled) this.#turn()
  }

  /** What the lookout finds nearly always, told by as little as can be: after 100 ms of idleness all that is touched is cold. */
  #isQuiet(): boolean {
    const { sources } = this.#delivery
    const source = sources[0]
    if (sources.length > 1 || source.hasUnread || source.contested.length > 0) return false
    return source.lookout.goOn()
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
    if (this.#interval === 0 || this.#delivery.isDelivering) return
    this.#wake()
    const { dealt, more } = this.#delivery.drain(TURN_EVENTS, performance.now() + TURN_TIME)
    if (dealt > 0) {
      this.#spins = SPINS
      this.#onAdvance()
    }
    if (more) this.schedule()
    else if (this.#isBusy(dealt)) this.#linger()
    else if (this.#spins-- > 0) this.schedule()
    else this.#sleep()
  }

  /** Measures over a millisecond or more, the time between turns included. */
  #isBusy(dealt: number): boolean {
    this.#dealt += dealt
    const now = performance.now()
    const elapsed = now - this.#measuredAt
    if (elapsed >= LINGER) {
      const rate = this.#dealt / elapsed
      // However fast they publish, what comes while this worker does not look must not fill the ring.
      this.#hasRush = rate >= RUSH && Math.min(rate, FASTEST) * LINGER * 4 <= this.#delivery.capacity
      this.#measuredAt = now
      this.#dealt = 0
    }
    return this.#hasRush
  }

  /** Looks again soon without a ticket: what comes until then comes in one piece, and wakes nobody. */
  #linger(): void {
    this.#nextLook = setTimeout(this.#turn, LINGER).unref()
  }

  #wake(): void {
    clearTimeout(this.#nextLook)
    if (!this.#isAsleep) return
    this.#isAsleep = false
    clearTimeout(this.#judge)
    for (const { bell } of this.#delivery.sources) bell.wake()
  }

  /** Announces, then looks once more: a publisher either sees the ticket or has committed before this look. */
  #sleep(): void {
    // A handler may have closed the bus.
    if (this.#interval === 0) return
    this.#isAsleep = true
    for (const { bell } of this.#delivery.sources) bell.announce()
    if (this.#mustPoll || this.#current.lookout.isVacant) this.#keepWatch()
    for (const source of this.#delivery.sources) {
      if (!source.hasUnread) continue
      if (source.reader.isDecided) this.schedule()
      else this.#judge = setTimeout(this.#turn, JUDGE_EVERY).unref()
    }
  }
}
