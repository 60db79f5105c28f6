/** For tests: the same module on a zone in memory, and a way to wait until everything has been delivered. */
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common'
import { type OpenOptions, createZoneBuffer } from '@worker-events/core'
import { WorkerEventsModule } from './module.js'
import { type WorkerEventsModuleExtras, type WorkerEventsModuleOptions, getWorkerEventsToken } from './options.js'
import type { WorkerEventsService } from './service.js'

/** Provides what {@link WorkerEventsModule} provides, on a zone that only this application has. */
@Module({})
export class WorkerEventsTestingModule {
  static forRoot(options: Partial<WorkerEventsModuleOptions> & WorkerEventsModuleExtras = {}): DynamicModule {
    const { ringSize, entryPayload, maxWorkers, uniqueKeys, overflow } = options as Partial<OpenOptions>
    const zone = createZoneBuffer({ ringSize, entryPayload, maxWorkers, uniqueKeys, overflow })
    const events = WorkerEventsModule.forRoot({ zone, ...options })
    return { module: WorkerEventsTestingModule, imports: [events], exports: [events] }
  }
}

/** Resolves when everything published so far is delivered and handlers are done. They are subscribed by `init()`. */
export async function flush(moduleRef: Pick<INestApplicationContext, 'get'>, name?: string): Promise<void> {
  await moduleRef.get<WorkerEventsService>(getWorkerEventsToken(name), { strict: false }).zone.settle()
}
