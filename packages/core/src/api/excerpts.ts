/** The excerpts that are asked for again and again: kept for the next request, and let go of once nobody asks any more. */
import type { Region } from '../region/region.js'
import type { Session } from '../session.js'
import { Excerpt } from './excerpt.js'
import type { Filter } from './request.js'

/** Bytes of ring that the excerpts of one endpoint may cover together. */
const COVERED = 16 * 2 ** 20

/** Most filters whose excerpts are kept. */
const MOST_KEPT = 4

/** An excerpt that nobody asked for between two looks is let go of; in milliseconds. */
const LOOK_EVERY = 30_000

interface Kept {
  readonly channel: string
  readonly type: string
  readonly excerpt: Excerpt
  isAskedFor: boolean
}

export class Excerpts {
  readonly #session: Session
  /** The one that was asked for last comes first. */
  #kept: Kept[] = []
  #most = 0
  #region: Region | undefined
  #timer: NodeJS.Timeout | undefined
  #stopObserving: (() => void) | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** The excerpt under a filter, as of now; `undefined` if the ring is too large to keep a copy of it as text. */
  find(region: Region, filter: Filter): Excerpt | undefined {
    if (region !== this.#region) this.#turnTo(region)
    if (this.#most === 0) return undefined
    const kept = this.#take(region, filter)
    kept.isAskedFor = true
    kept.excerpt.update()
    return kept.excerpt
  }

  /** Lets go of all. */
  clear(): void {
    this.#kept = []
    this.#region = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stopObserving?.()
    this.#stopObserving = undefined
  }

  /** Begins with another life of the zone. */
  #turnTo(region: Region): void {
    this.clear()
    const { capacity, slotBytes } = region.zone.geometry
    this.#region = region
    this.#most = Math.min(MOST_KEPT, Math.floor(COVERED / (capacity * slotBytes)))
    if (this.#most === 0) return
    this.#timer = setInterval(this.#look, LOOK_EVERY).unref()
    this.#stopObserving = this.#session.observe({ advanced: () => undefined, closed: () => this.clear() })
  }

  #take({ zone }: Region, filter: Filter): Kept {
    const { channel, type } = filter
    const at = this.#kept.findIndex((kept) => kept.channel === channel && kept.type === type)
    if (at === 0) return this.#kept[0]
    const kept = this.#kept.at(at < 0 ? Infinity : at) ?? {
      channel,
      type,
      excerpt: new Excerpt(zone, filter),
      isAskedFor: true,
    }
    this.#kept = [kept, ...this.#kept.filter((other) => other !== kept)].slice(0, this.#most)
    return kept
  }

  readonly #look = (): void => {
    this.#kept = this.#kept.filter(({ isAskedFor }) => isAskedFor)
    for (const kept of this.#kept) kept.isAskedFor = false
    if (this.#kept.length === 0) this.clear()
  }
}
