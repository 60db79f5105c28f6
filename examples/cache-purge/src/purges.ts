/** What is said when something is purged: an event for each key or tag, and one for a batch, with its outcome. */
import { defineEvents, event } from '@worker-events/core'

/** One thing to purge: an entry by its key, or all that carry a tag. */
export type Purge = { readonly key: string } | { readonly tag: string }

/** What became of the events of a batch. */
export interface Outcome {
  /** Events that were to be published. */
  attempted: number
  published: number
  /** Of those published: how many overwrote an event that the ring still held. Who had not read that one has missed it. */
  retention_evicted: number
  /** Not published, so not purged: to be tried again. */
  failed: number
}

export const purges = defineEvents('cache.invalidate', { purged: event<Purge>(), purge_batch: event<Outcome>() })
