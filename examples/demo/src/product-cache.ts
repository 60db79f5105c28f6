// The cache of one process, in front of a slow source; it drops what any of the processes purges.

import { setTimeout } from 'node:timers/promises'
import { Injectable } from '@nestjs/common'
import type { WorkerEvent } from '@worker-events/core'
import { OnWorkerEvent, OnWorkerEventsMissed, WorkerEventsService } from '@worker-events/nest'
import { cacheEvents } from './cache-events.js'
import { log, microseconds } from './log.js'

/** How long the source takes, in milliseconds. */
const SLOWNESS = 300

export interface Product {
  readonly id: string
  readonly readAt: number
}

@Injectable()
export class ProductCache {
  /** Promises, so that what is purged while it is being read does not come back when it arrives. */
  readonly #products = new Map<string, Promise<Product>>()

  constructor(private readonly events: WorkerEventsService) {}

  async read(id: string): Promise<{ product: Product; cache: 'hit' | 'miss' }> {
    const cached = this.#products.get(id)
    const product = cached ?? readSource(id)
    if (cached === undefined) this.#products.set(id, product)
    return { product: await product, cache: cached === undefined ? 'miss' : 'hit' }
  }

  /** Resolves when no process answers with the old product any more. */
  async purge(id: string): Promise<number> {
    const generation = this.events.publish(cacheEvents.purged, { id, publishedAt: microseconds() })
    await this.events.drained()
    return generation
  }

  @OnWorkerEvent(cacheEvents.purged)
  drop({ id, publishedAt }: { id: string; publishedAt?: number }, { worker, pid }: WorkerEvent): void {
    const what = this.#products.delete(id) ? 'drops' : 'does not have'
    const latency = publishedAt === undefined ? '' : `, ${microseconds() - publishedAt} µs after it was published`
    log(`${what} product ${id}, as worker ${worker} (pid ${pid}) says${latency}`)
  }

  /** Whoever has missed an event cannot know what else is out of date. */
  @OnWorkerEventsMissed()
  clear(): void {
    this.#products.clear()
  }
}

async function readSource(id: string): Promise<Product> {
  await setTimeout(SLOWNESS)
  return { id, readAt: microseconds() }
}
