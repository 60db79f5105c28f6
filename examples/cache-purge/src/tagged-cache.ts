/** The cache of one process, in its own memory, whose entries carry tags. Events of all processes empty it. */
import { CACHE_MANAGER } from '@nestjs/cache-manager'
import { Inject, Injectable, Logger } from '@nestjs/common'
import type { Missed } from '@worker-events/core'
import { OnWorkerEvent, OnWorkerEventsMissed } from '@worker-events/nest'
import type { Cache } from 'cache-manager'
import { type Purge, purges } from './purges.js'

@Injectable()
export class TaggedCache {
  readonly #logger = new Logger('cache')
  readonly #keys = new Map<string, Set<string>>()
  #purges = 0

  constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}

  /** An entry; loaded and kept, unless it is there. */
  async read<T>(key: string, tags: readonly string[], load: () => Promise<T>): Promise<{ value: T; isHit: boolean }> {
    const cached = await this.cache.get<T>(key)
    if (cached !== undefined) return { value: cached, isHit: true }
    const before = this.#purges
    const value = await load()
    for (const tag of tags) this.#keys.set(tag, (this.#keys.get(tag) ?? new Set()).add(key))
    await this.cache.set(key, value)
    // A purge that came while it was being loaded may have been about it: the old value must not stay.
    if (this.#purges !== before) await this.cache.del(key)
    return { value, isHit: false }
  }

  @OnWorkerEvent(purges.purged)
  async drop(purge: Purge): Promise<void> {
    this.#purges++
    if ('key' in purge) {
      await this.cache.del(purge.key)
      return
    }
    const keys = [...(this.#keys.get(purge.tag) ?? [])]
    this.#keys.delete(purge.tag)
    await this.cache.mdel(keys)
  }

  /** Whoever has missed a purge cannot know what else is out of date. */
  @OnWorkerEventsMissed()
  async flush({ count }: Missed): Promise<void> {
    this.#purges++
    this.#keys.clear()
    await this.cache.clear()
    this.#logger.warn(`flushed, as ${count} events were missed`)
  }
}
