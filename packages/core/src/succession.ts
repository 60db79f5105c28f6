/**
 * What happens when a zone's file was removed and made anew under its workers: each notices by the old bell, which who
 * makes it anew and who notices first strike, or at a slow poll, takes a place in the new life, and publishes there from then on. It goes on
 * reading the old life until nobody can publish into it any more, so nothing is lost.
 */
import { type Attachment, attach } from './attachment.js'
import type { OnError } from './event.js'
import { hasOthers } from './registry.js'
import type { Region } from './region/region.js'

/** How long an old life is read at most: a worker that never looks again must not hold the others. In milliseconds. */
const FAREWELL = 30_000

export class Succession {
  readonly #attachments: Attachment[]
  readonly #open: () => Region
  readonly #onStrike: () => void
  readonly #report: OnError
  #since = 0

  /** @param attachments oldest first; changed in place */
  constructor(attachments: Attachment[], open: () => Region, onStrike: () => void, report: OnError) {
    this.#attachments = attachments
    this.#open = open
    this.#onStrike = onStrike
    this.#report = report
  }

  /** Looks where the zone's name leads; true if this worker went over to a new life. */
  follow(): boolean {
    const current = this.#attachments.at(-1)
    if (this.#attachments.length > 1) this.#partFromOld()
    if (current?.region.standing() !== 'replaced') return false
    try {
      this.#attachments.push(this.#attachFromTheStart())
    } catch (error) {
      // The old life still works among those who are attached to it; the next poll tries again.
      this.#report(error)
      return false
    }
    current.membership.moveOn()
    current.retire()
    this.#since = performance.now()
    return true
  }

  /** What others published in the new life before this worker went over is for it too. */
  #attachFromTheStart(): Attachment {
    const next = attach(this.#open, this.#onStrike)
    next.reader.seek(next.zone.origin)
    next.membership.storeCursor(next.zone.origin)
    return next
  }

  /** True if another worker went over, so that it is time to look. */
  get isDue(): boolean {
    return this.#attachments.at(-1)?.isRetired === true
  }

  #partFromOld(): void {
    const isOver = performance.now() - this.#since > FAREWELL
    for (const old of this.#attachments.slice(0, -1)) {
      // In this order: who has gone over by the first look can have left nothing that the second does not see.
      if (!isOver && (hasOthers(old.region, old.membership.worker) || old.hasUnread)) continue
      this.#attachments.splice(this.#attachments.indexOf(old), 1)
      old.leave()
    }
  }
}
