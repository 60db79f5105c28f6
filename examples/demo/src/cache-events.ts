// What the processes tell each other, once for who publishes and who listens.

import { defineEvents, event } from '@worker-events/core'

export const cacheEvents = defineEvents('cache.invalidate', {
  /** `publishedAt` is in microseconds; an operator need not say it. */
  purged: event<{ id: string; publishedAt?: number }>(),
})
