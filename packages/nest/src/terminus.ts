/** Health of a zone, for `@nestjs/terminus`. */
import { Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus'
import { check, getWorkerEventsToken } from './options.js'
import type { WorkerEventsService } from './service.js'

/** Which zone, if it has a name; and by how many entries its worker may be behind (default: half of the ring). */
interface Limits {
  name?: string
  maxLag?: number
}

@Injectable()
export class WorkerEventsHealthIndicator {
  constructor(
    readonly health: HealthIndicatorService,
    readonly moduleRef: ModuleRef,
  ) {}

  /**
   * Down when this worker is behind by more than `maxLag` entries, or the zone is unusable.
   * @throws WorkerEventsError `ERR_INVALID_OPTION`
   */
  isHealthy<Key extends string>(key: Key, { name, maxLag }: Limits = {}): HealthIndicatorResult<Key> {
    check({ maxLag })
    const state = this.health.check(key)
    const { bus } = this.moduleRef.get<WorkerEventsService>(getWorkerEventsToken(name), { strict: false })
    try {
      const { workers, capacity } = bus.inspect({ limit: 1 })
      const { lag = Infinity, missed = 0 } = workers.find(({ id }) => id === bus.worker) ?? {}
      return lag > (maxLag ?? capacity / 2) ? state.down({ lag, missed }) : state.up({ lag, missed })
    } catch (error) {
      return state.down(error instanceof Error ? error.message : 'the zone is unusable')
    }
  }
}
