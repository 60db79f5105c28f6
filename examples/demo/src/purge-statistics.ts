// How often each product was purged, by whichever process: an observable, kept as long as the application lives.

import { Injectable } from '@nestjs/common'
import { WorkerEventsService } from '@worker-events/nest'
import { type Observable, map, scan, shareReplay, startWith } from 'rxjs'
import { cacheEvents } from './cache-events.js'

export type Purges = Readonly<Record<string, number>>

@Injectable()
export class PurgeStatistics {
  readonly purges: Observable<Purges>

  constructor(events: WorkerEventsService) {
    this.purges = events.observe(cacheEvents.purged).pipe(
      map(({ payload }) => payload.id),
      scan((purges: Purges, id) => ({ ...purges, [id]: (purges[id] ?? 0) + 1 }), {}),
      startWith({}),
      shareReplay(1),
    )
    this.purges.subscribe()
  }
}
