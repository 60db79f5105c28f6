/** One handle's ties to one life of a zone: its place, both sides of the ring, the bell, the keys and claims. */
import { Backlog } from './backlog.js'
import { Bell } from './bell/bell.js'
import { WorkerEventsError } from './errors.js'
import { Header } from './layout.js'
import { Lookout } from './lookout.js'
import { type Membership, cursorOf, join, zoneFull } from './registry.js'
import type { Region } from './region/region.js'
import type { Zone } from './region/zone.js'
import { Lookahead } from './ring/lookahead.js'
import { Slots } from './ring/slots.js'
import { Writer } from './ring/writer.js'
import { Claims } from './unique/claims.js'
import { KeyTable } from './unique/keys.js'

const HEAD = Header.head / 4
const RETIRED = Header.retired / 4

/** How long to wait for a process that is replacing the zone, in milliseconds. */
const REPLACING = 2000
const pause = new Int32Array(new SharedArrayBuffer(4))

export class Attachment {
  readonly zone: Zone
  readonly slots: Slots
  readonly reader: Lookahead
  readonly writer: Writer
  readonly bell: Bell
  readonly lookout: Lookout
  readonly claims: Claims
  readonly keys: KeyTable
  readonly backlog: Backlog
  /** Start of a loss that is not reported yet; -1 if there is none. */
  gapFrom = -1
  /** Where reading went on after that loss. */
  gapEnd = -1
  /** Where the present drain ends at the latest. */
  readTo = Infinity
  /** The wait at an undecided generation: since when, and what head was then. */
  #waitingSince = 0
  #drawnBefore = 0
  /** Generations whose claim another worker held when they were read. */
  contested: number[] = []

  constructor(
    readonly region: Region,
    readonly membership: Membership,
    onStrike: () => void,
  ) {
    const { zone } = region
    const { worker } = membership
    this.zone = zone
    this.slots = new Slots(region, worker)
    // Not from the head as it is now: since this worker shows itself, others may have published for it.
    this.reader = new Lookahead(zone, cursorOf(zone, worker))
    this.backlog = new Backlog(region, worker)
    this.writer = new Writer(zone, this.slots, (head) => {
      this.membership.storeCursor(this.reader.cursor)
      return this.backlog.oldestUnread(head)
    })
    this.claims = new Claims(zone, this.slots)
    this.keys = new KeyTable(zone, worker)
    this.bell = new Bell(region, onStrike)
    this.lookout = new Lookout(zone, worker)
  }

  /** One atomic read: true unless the reader stands at the newest entry. */
  get hasUnread(): boolean {
    // The low word alone: it is equal by chance only for one who is 2³² entries behind, until the next publish.
    return Atomics.load(this.zone.i32, HEAD) !== (this.reader.cursor | 0)
  }

  /**
   * How long this worker has waited for an undecided generation, in milliseconds. One wait counts for all that were drawn
   * before it began, because the waits for the entries of one large event must not add up.
   */
  waitedFor(generation: number): number {
    const now = performance.now()
    if (generation >= this.#drawnBefore) {
      this.#drawnBefore = this.zone.head()
      this.#waitingSince = now
    }
    return now - this.#waitingSince
  }

  /** Makes every worker of this life look whether the zone's name leads elsewhere. */
  retire(): void {
    if (Atomics.exchange(this.zone.i32, RETIRED, 1) === 0) this.bell.alarm()
  }

  get isRetired(): boolean {
    return Atomics.load(this.zone.i32, RETIRED) === 1
  }

  /** Has another worker look at every slow poll, if this one did so for all. */
  standDown(): void {
    if (this.lookout.resign()) this.bell.alarm()
  }

  leave(): void {
    this.standDown()
    this.bell.close()
    this.membership.storeCursor(this.reader.cursor)
    // fault: leave.closing
    this.membership.leave()
    // fault: leave.left
    this.region.close()
  }
}

/**
 * Opens a zone and takes a place in it. The zone may be replaced or removed between the two; then both are done again.
 * @throws {@link WorkerEventsError} `ERR_ZONE_FULL` and what `open` throws
 */
export function attach(open: () => Region, onStrike: () => void): Attachment {
  const deadline = performance.now() + REPLACING
  for (;;) {
    const region = open()
    try {
      const membership = join(region)
      // fault: attach.joined
      if (region.standing() === 'current') {
        if (membership !== undefined) return new Attachment(region, membership, onStrike)
        if (!region.isBeingReplaced()) throw zoneFull(region.zone.name, region.zone.geometry.dimensions.maxWorkers)
        if (performance.now() > deadline) {
          throw new WorkerEventsError(
            'ERR_ZONE_FULL',
            `a process that replaces zone "${region.zone.name}" does not finish`,
          )
        }
        Atomics.wait(pause, 0, 0, 1)
      }
      membership?.leave()
    } catch (error) {
      region.close()
      throw error
    }
    region.close()
  }
}
