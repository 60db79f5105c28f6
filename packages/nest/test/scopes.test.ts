import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  Scope,
  UseGuards,
} from '@nestjs/common'
import { APP_GUARD, type ContextId, ContextIdFactory, type ContextIdStrategy, REQUEST } from '@nestjs/core'
import type { WorkerEvent } from '@worker-events/core'
import { OnWorkerEvent, OnWorkerEventsMissed, WorkerEventsService } from '../src/index.js'
import { flush } from '../src/testing.js'
import { publish, start } from './application.js'

const seen: unknown[] = []
beforeEach(() => {
  seen.length = 0
})

@Injectable({ scope: Scope.REQUEST })
class PerEvent {
  readonly number = seen.push('made')
  constructor(@Inject(REQUEST) readonly event: WorkerEvent) {}
}

describe('a handler of a request-scoped provider', () => {
  @Injectable({ scope: Scope.REQUEST })
  class Listener {
    constructor(
      @Inject(REQUEST) readonly request: WorkerEvent,
      readonly perEvent: PerEvent,
    ) {}
    @OnWorkerEvent('a', 'x')
    any(payload: unknown, event: WorkerEvent) {
      seen.push([payload, this.request === event, this.perEvent.event === event, this instanceof Listener])
    }
    @OnWorkerEventsMissed()
    reload(missed: unknown) {
      seen.push(this.request, missed)
    }
  }

  it('is called on an instance of its own for each event, which is the request', async () => {
    const app = await start({ providers: [Listener, PerEvent] })
    await publish(app, 'a', 'x', 1)
    await publish(app, 'a', 'x', 2)
    expect(seen).toEqual(['made', [1, true, true, true], 'made', [2, true, true, true]])
    await app.close()
  })

  it('shares its instance, and what that depends on, with all handlers of the event', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Several {
      constructor(readonly perEvent: PerEvent) {}
      @OnWorkerEvent('a', 'x')
      one() {
        seen.push(this)
      }
      @OnWorkerEvent('a')
      @OnWorkerEvent('a', ['x', 'y'])
      two() {
        seen.push(this)
      }
    }
    const app = await start({ providers: [Several, PerEvent] })
    await publish(app, 'a', 'x')
    expect(seen).toHaveLength(4)
    expect(new Set(seen).size).toBe(2)
    await publish(app, 'a', 'x')
    expect(new Set(seen).size).toBe(3)
    await app.close()
  })

  it('is found in a controller, and in one that only depends on what is scoped', async () => {
    @Controller()
    class ScopedController {
      constructor(readonly perEvent: PerEvent) {}
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push(this.perEvent.event.payload)
      }
    }
    const app = await start({ controllers: [ScopedController], providers: [PerEvent] })
    await publish(app, 'a', 'x', 1)
    expect(seen).toEqual(['made', 1])
    await app.close()
  })

  it('may resync, the loss being the request', async () => {
    const app = await start({ providers: [Listener, PerEvent] }, { pollInterval: 0, ringSize: undefined })
    const { capacity } = app.get(WorkerEventsService).bus
    for (let payload = 0; payload <= capacity; payload++) app.get(WorkerEventsService).publish('b', 'x')
    await flush(app)
    expect(seen).toContainEqual(expect.objectContaining({ from: 1 }))
    expect(seen[1]).toBe(seen[2])
    await app.close()
  })
})

describe('a handler of a durable provider', () => {
  class ByTenant implements ContextIdStrategy<WorkerEvent<{ tenant: string }>> {
    readonly #trees = new Map<string, ContextId>()
    attach(contextId: ContextId, { payload: { tenant } }: WorkerEvent<{ tenant: string }>) {
      const tree = this.#trees.get(tenant) ?? ContextIdFactory.create()
      this.#trees.set(tenant, tree)
      return {
        resolve: ({ isTreeDurable }: { isTreeDurable: boolean }) => (isTreeDurable ? tree : contextId),
        payload: { tenant },
      }
    }
  }
  const before = (ContextIdFactory as unknown as { strategy: ContextIdStrategy }).strategy
  afterEach(() => ContextIdFactory.apply(before))

  it('shares its instance among the events of a tenant', async () => {
    ContextIdFactory.apply(new ByTenant())
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Listener {
      count = 0
      constructor(@Inject(REQUEST) readonly request: { tenant: string }) {}
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push(`${this.request.tenant} ${++this.count}`)
      }
    }
    const app = await start({ providers: [Listener] })
    for (const tenant of ['red', 'blue', 'red']) await publish(app, 'a', 'x', { tenant })
    expect(seen).toEqual(['red 1', 'blue 1', 'red 2'])
    await app.close()
  })
})

describe('a request-scoped guard', () => {
  @Injectable({ scope: Scope.REQUEST })
  class Guard implements CanActivate {
    constructor(@Inject(REQUEST) readonly event: WorkerEvent) {}
    canActivate(context: ExecutionContext): boolean {
      seen.push(this.event === context.getArgByIndex(1))
      return this.event.payload === 'yes'
    }
  }

  it('guards a handler of a singleton', async () => {
    @Injectable()
    class Listener {
      @UseGuards(Guard)
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(payload)
      }
    }
    const app = await start({ providers: [Listener] })
    await publish(app, 'a', 'x', 'yes')
    await publish(app, 'a', 'x', 'no')
    expect(seen).toEqual([true, 'yes', true])
    await app.close()
  })

  it('guards it if bound to the whole application, too', async () => {
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(payload)
      }
    }
    const app = await start({ providers: [Listener, { provide: APP_GUARD, scope: Scope.REQUEST, useClass: Guard }] })
    await publish(app, 'a', 'x', 'yes')
    await publish(app, 'a', 'x', 'no')
    expect(seen).toEqual([true, 'yes', true])
    await app.close()
  })
})
