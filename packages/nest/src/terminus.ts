/** Health of a zone, for `@nestjs/terminus`. */
import { Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus'
import { getWorkerEventsToken } from './options.js'
import type { WorkerEventsService } from './service.js'

/** Which zone, if it has a name; and by how many entries its worker may be behind (default: half of the ring). */
type Limits = { name?: string; maxLag?: number }

@Injectable()
export class WorkerEventsHealthIndicator {
  constructor(
    readonly health: HealthIndicatorService,
    readonly moduleRef: ModuleRef,
  ) {}

  /** Down unless this worker is behind by `maxLag` entries or fewer, and the zone is usable. */
  isHealthy<Key extends string>(key: Key, { name, maxLag }: Limits = {}): HealthIndicatorResult<Key> {
    const state = this.health.check(key)
    const { bus } = this.moduleRef.get<WorkerEventsService>(getWorkerEventsToken(name), { strict: false })
    try {
      const { workers, capacity } = bus.inspect({ limit: 1 })
      const { lag = Infinity, missed = 0 } = workers.find(({ id }) => id === bus.worker) ?? {}
      return lag <= (maxLag ?? capacity / 2) ? state.up({ lag, missed }) : state.down({ lag, missed })
    } catch (error) {
      return state.down(error instanceof Error ? error.message : 'the zone is unusable')
    }
  }
}
