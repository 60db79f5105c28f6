/** Purges in every process, and knows what became of it. */
import { Injectable, Logger } from '@nestjs/common'
import { WorkerEventsError } from '@worker-events/core'
import { WorkerEventsService } from '@worker-events/nest'
import { type Outcome, type Purge, purges } from './purges.js'

/** How long to wait for a process that does not read, in milliseconds. */
const PATIENCE = 500

@Injectable()
export class Purger {
  readonly #logger = new Logger('purger')

  constructor(readonly events: WorkerEventsService) {}

  /**
   * Publishes an event for each, and one for all of them. A batch that fills the ring at once would overwrite what the
   * others had no chance to read, so it waits for them in between, but not for long.
   */
  async purge(batch: readonly Purge[]): Promise<Outcome & { everywhere: boolean }> {
    const outcome = { attempted: batch.length, published: 0, retention_evicted: 0, failed: 0 }
    const portion = Math.ceil(this.events.bus.capacity / 4)
    let everywhere = true
    for (let start = 0; start < batch.length; start += portion) {
      for (const purge of batch.slice(start, start + portion)) this.#publish(purge, outcome)
      everywhere = await this.#isRead()
    }
    if (batch.length > 1) this.events.publish(purges.purge_batch, outcome)
    return { ...outcome, everywhere }
  }

  /** True once every process has read what was published; false if one of them does not in time. */
  async #isRead(): Promise<boolean> {
    return this.events.drained({ signal: AbortSignal.timeout(PATIENCE) }).then(
      () => true,
      () => false,
    )
  }

  #publish(purge: Purge, outcome: Outcome): void {
    try {
      const generation = this.events.publish(purges.purged, purge)
      outcome.published++
      // A ring that has been filled once has no place but one that is taken.
      if (generation > this.events.bus.capacity) outcome.retention_evicted++
    } catch (error) {
      if (!(error instanceof WorkerEventsError)) throw error
      this.#logger.warn(`a purge was not published: ${error.code}`)
      outcome.failed++
    }
  }
}
