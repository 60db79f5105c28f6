/**
 * Delivery: what carries events from the ring to the handlers of one worker, in order, each once.
 *
 * Local events go before the broadcast events that wait. The cursor moves on before handlers are called: an event whose
 * handler throws is not delivered again. Losses are reported once per gap, before the event that follows.
 */
import type { Attachment } from './attachment.js'
import type { Dispatcher, Route } from './dispatcher.js'
import type { Missed, WorkerEvent } from './event.js'
import { eventFrom, payloadOf } from './incoming.js'
import type { NamePair } from './names.js'
import type { Replay } from './replay.js'
import type { Entry } from './ring/entry.js'
import { Outcome, Reader } from './ring/reader.js'

/** How long readers wait at a generation that nobody has labelled, in milliseconds. */
const HOLE_WAIT = 5

/** Clock looks are not free, so there is one for so many entries. */
const CLOCK_EVERY = 16

/** How often a long drain publishes its cursor. */
const CURSOR_EVERY = 32

interface LocalEvent {
  readonly pair: NamePair
  readonly event: WorkerEvent
}

/** What a drain left behind. */
export interface Remainder {
  /** Entries and local events that were dealt with. */
  dealt: number
  /** True if the limit ended it. */
  more: boolean
}

export class Delivery {
  /** True while handlers run. */
  isDelivering = false
  #isOpen = true
  readonly #dispatcher: Dispatcher
  readonly #waitMax: () => number
  readonly #onMissed: (missed: Missed) => void
  #local: LocalEvent[] = []
  #localNext = 0
  #replays: Replay[] = []
  readonly #remainder: Remainder = { dealt: 0, more: false }

  /** @param sources the lives of the zone that this worker is attached to, oldest first; usually one */
  constructor(
    readonly sources: Attachment[],
    dispatcher: Dispatcher,
    waitMax: () => number,
    onMissed: (missed: Missed) => void,
  ) {
    this.#dispatcher = dispatcher
    this.#waitMax = waitMax
    this.#onMissed = onMissed
  }

  /** Ends delivery, in the midst of a drain too. */
  close(): void {
    this.#isOpen = false
  }

  /** Asked again after every handler, which may have closed the bus. */
  #staysOpen(): boolean {
    return this.#isOpen
  }

  /** Queues a local event. */
  post(pair: NamePair, payload: unknown): void {
    const event = {
      channel: pair.channel,
      type: pair.type,
      payload,
      generation: 0,
      timestamp: Date.now(),
      pid: undefined,
      worker: this.sources.at(-1)?.membership.worker ?? 0,
      local: true,
    }
    this.#local.push({ pair, event: Object.freeze(event) })
  }

  /** Queues the past for a subscription that is not live until it has caught up. */
  replay(replay: Replay): void {
    this.#replays.push(replay)
  }

  /** True if there is something to deliver, or to wait for. */
  get hasWork(): boolean {
    if (this.#localNext < this.#local.length || this.#replays.length > 0) return true
    for (const source of this.sources) if (source.hasUnread) return true
    return false
  }

  /** Entries of the ring. */
  get capacity(): number {
    return this.sources[this.sources.length - 1].zone.geometry.capacity
  }

  /** How many steps of a drain what is there now takes at most. */
  get pending(): number {
    let steps = this.#local.length - this.#localNext
    for (const replay of this.#replays) steps += replay.pending
    for (const { zone, reader } of this.sources)
      steps += Math.min(zone.head() - reader.cursor, zone.geometry.capacity + 1)
    return steps
  }

  /** Delivers what is pending, at most `limit` events and not beyond `deadline` (in terms of `performance.now()`). */
  drain(limit: number, deadline: number): Remainder {
    const remainder = this.#remainder
    remainder.dealt = 0
    this.isDelivering = true
    try {
      remainder.more = this.#runReplays(limit, deadline) || this.#runSources(limit, deadline)
    } finally {
      this.isDelivering = false
      if (this.#staysOpen()) this.#storeCursors()
    }
    return remainder
  }

  #storeCursors(): void {
    for (const source of this.sources) source.membership.storeCursor(source.reader.cursor)
  }

  #isSpent(limit: number, deadline: number): boolean {
    const { dealt } = this.#remainder
    return dealt >= limit || (dealt % CLOCK_EVERY === 0 && performance.now() > deadline)
  }

  /** True if the budget is spent. */
  #runReplays(limit: number, deadline: number): boolean {
    while (this.#replays.length > 0 && this.#staysOpen()) {
      const replay = this.#replays[0]
      const found = replay.step()
      if (found === false) this.#replays.shift()
      else if (found === true) this.#deliverReplayed(replay)
      this.#remainder.dealt++
      if (this.#isSpent(limit, deadline)) return true
    }
    return false
  }

  #deliverReplayed({ source, entry, registration }: Replay): void {
    const isUnique = entry.key !== undefined
    if (isUnique && !this.#win(source, entry)) return
    const event = this.#eventOf(entry, source)
    if (isUnique) source.claims.execute(entry.generation)
    if (event !== undefined) this.#dispatcher.deliverTo(registration, event)
  }

  /** True if the budget is spent. */
  #runSources(limit: number, deadline: number): boolean {
    this.#boundLaterLives()
    for (const source of this.sources) {
      const isSpent = this.#runSource(source, limit, deadline)
      if (!this.#staysOpen()) return false
      this.#reportGap(source)
      if (isSpent) return true
    }
    return false
  }

  /**
   * A later life is read up to where it was before an earlier one is read to its end: who publishes in it has published in
   * the earlier one before, and the order of its events must hold. Newest first, for the same reason.
   */
  #boundLaterLives(): void {
    for (let index = this.sources.length - 1; index >= 0; index--) {
      const source = this.sources[index]
      source.readTo = index === 0 ? Infinity : source.zone.head()
    }
  }

  #runSource(source: Attachment, limit: number, deadline: number): boolean {
    while (this.#staysOpen() && source.reader.cursor < source.readTo) {
      if (this.#localNext < this.#local.length) this.#deliverLocal()
      else if (!this.#deliverNext(source)) return false
      const isLong = ++this.#remainder.dealt % CURSOR_EVERY === 0
      if (isLong && this.#staysOpen()) source.membership.storeCursor(source.reader.cursor)
      if (this.#isSpent(limit, deadline)) return true
    }
    return false
  }

  #deliverLocal(): void {
    const { pair, event } = this.#local[this.#localNext++]
    if (this.#localNext === this.#local.length) {
      this.#local = []
      this.#localNext = 0
    }
    const route = this.#dispatcher.routeOf(pair)
    if (route !== undefined) this.#dispatcher.deliver(route, event)
  }

  /** Deals with one entry of the ring; false if there is none now. */
  #deliverNext(source: Attachment): boolean {
    switch (source.reader.next(this.#dispatcher)) {
      case Outcome.EVENT:
        this.#reportGap(source)
        if (this.#staysOpen()) this.#deliver(source, source.reader.entry)
        return true
      case Outcome.PASSED:
        return true
      case Outcome.LAPPED:
        this.#skip(source)
        return true
      case Outcome.UNDECIDED:
        return this.#judge(source)
      default:
        return false
    }
  }

  #deliver(source: Attachment, entry: Entry): void {
    const route = entry.named as Route
    if (entry.key !== undefined) {
      this.#deliverUnique(source, entry, route)
      return
    }
    const event = this.#eventOf(entry, source)
    if (event !== undefined) this.#dispatcher.deliver(route, event)
  }

  #deliverUnique(source: Attachment, entry: Entry, route: Route): void {
    // Only a worker that would call a handler may win.
    if (!this.#dispatcher.wants(route) || !this.#win(source, entry)) return
    const event = this.#eventOf(entry, source)
    source.claims.execute(entry.generation)
    if (event !== undefined) this.#dispatcher.deliver(route, event)
  }

  /** True if this worker is the one to execute a unique event. */
  #win(source: Attachment, { generation }: Entry): boolean {
    const claim = source.claims.claim(generation)
    if (claim === 'held') source.contested.push(generation)
    return claim === 'won'
  }

  /** Looks again at unique events that others had claimed when they were read: a claimant may have died. */
  retryClaims(source: Attachment): void {
    if (source.contested.length === 0 || this.isDelivering) return
    const contested = source.contested
    source.contested = []
    const reader = new Reader(source.zone, source.reader.cursor)
    this.isDelivering = true
    try {
      for (const generation of contested) {
        reader.seek(generation)
        if (reader.next(this.#dispatcher) === Outcome.EVENT) this.#deliver(source, reader.entry)
      }
    } finally {
      this.isDelivering = false
    }
  }

  /** The event that handlers get; `undefined`, and reported, if its payload cannot be read. */
  #eventOf(entry: Entry, source: Attachment): WorkerEvent | undefined {
    try {
      return eventFrom(entry, source.zone, payloadOf(entry))
    } catch (error) {
      this.#dispatcher.report(error, eventFrom(entry, source.zone, undefined))
      return undefined
    }
  }

  /** Goes on with the oldest retained entry; further on if that was overwritten too before it could be read. */
  #skip(source: Attachment): void {
    const { reader, zone } = source
    const { capacity } = zone.geometry
    const margin = source.gapFrom < 0 ? 0 : Math.floor(capacity / 4)
    const next = Math.max(zone.head() - capacity + margin, reader.cursor + 1)
    if (source.gapFrom < 0) source.gapFrom = reader.cursor
    source.gapEnd = next
    source.membership.addMissed(next - reader.cursor)
    reader.seek(next)
  }

  #reportGap(source: Attachment): void {
    if (source.gapFrom < 0) return
    const from = source.zone.publicOf(source.gapFrom)
    const count = source.gapEnd - source.gapFrom
    source.gapFrom = -1
    this.#onMissed({ from, to: from + count - 1, count })
  }

  /** At an entry that is not decided: decides it if its writer is dead or has had its time. True if it is decided now. */
  #judge(source: Attachment): boolean {
    const { reader, slots } = source
    const waited = source.waitedFor(reader.cursor)
    if (!reader.isUnlabelled) slots.judge(reader.cursor, waited >= this.#waitMax())
    else if (waited >= HOLE_WAIT) slots.decideVoid(reader.cursor)
    return reader.isDecided
  }
}
