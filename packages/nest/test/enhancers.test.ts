import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  Catch,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  createParamDecorator,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, ExternalContextCreator, Reflector } from '@nestjs/core'
import { jest } from '@jest/globals'
import type { WorkerEvent } from '@worker-events/core'
import { EMPTY, map, of, tap } from 'rxjs'
import { EventPayload, OnWorkerEvent, WorkerEventsService, isWorkerEventContext } from '../src/index.js'
import { publish, start } from './application.js'

const seen: unknown[] = []
const onError = jest.fn()
beforeEach(() => {
  seen.length = 0
  onError.mockReset()
})

const Role = (role: string) => SetMetadata('role', role)

@Injectable()
class RoleGuard implements CanActivate {
  constructor(readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const [payload, event] = context.getArgs<[{ role: string }, WorkerEvent]>()
    seen.push([
      context.getType(),
      isWorkerEventContext(context),
      context.getClass().name,
      context.getHandler().name,
      event.type,
    ])
    return payload.role === this.reflector.get<string>('role', context.getHandler())
  }
}

describe('a guard', () => {
  @Injectable()
  class Guarded {
    @Role('admin')
    @UseGuards(RoleGuard)
    @OnWorkerEvent('a', 'x')
    any({ role }: { role: string }) {
      seen.push(role)
    }
  }

  it('sees what it would see of a request, and lets the handler be called', async () => {
    const app = await start({ providers: [Guarded] }, { onError })
    await publish(app, 'a', 'x', { role: 'admin' })
    expect(seen).toEqual([['worker-events', true, 'Guarded', 'any', 'x'], 'admin'])
    await app.close()
  })

  it('that refuses keeps the handler from being called, which is no error and no case for filters', async () => {
    @Catch()
    class Everything implements ExceptionFilter {
      catch() {
        seen.push('filtered')
      }
    }
    const app = await start({ providers: [Guarded, { provide: APP_FILTER, useClass: Everything }] }, { onError })
    await publish(app, 'a', 'x', { role: 'guest' })
    expect(seen).toHaveLength(1)
    expect(onError).not.toHaveBeenCalled()
    await app.close()
  })

  it('guards its class also where that is known by another name in another module', async () => {
    @Module({ providers: [Guarded], exports: [Guarded] })
    class Feature {}
    const app = await start(
      { imports: [Feature], providers: [{ provide: 'alias', useExisting: Guarded }] },
      { onError },
    )
    await publish(app, 'a', 'x', { role: 'guest' })
    expect(seen).toHaveLength(1)
    expect(seen).not.toContain('guest')
    await app.close()
  })

  it('that throws is an error', async () => {
    @Injectable()
    class Broken {
      @UseGuards({ canActivate: () => Promise.reject(new Error('no database')) })
      @OnWorkerEvent('a', 'x')
      any() {
        seen.push('never')
      }
    }
    const app = await start({ providers: [Broken] }, { onError })
    await publish(app, 'a', 'x')
    expect(seen).toEqual([])
    expect(onError.mock.calls).toMatchObject([[{ message: 'no database' }, { channel: 'a' }, 'Broken.any']])
    await app.close()
  })
})

/** Blind: takes whatever it gets for a payload. */
class Doubling implements PipeTransform<number, number> {
  transform(value: number): number {
    return value * 2
  }
}

describe('a pipe', () => {
  it('changes the payload, and does not see the event', async () => {
    @UsePipes(Doubling)
    @Injectable()
    class Piped {
      @UsePipes(new Doubling())
      @OnWorkerEvent('a', 'x')
      any(payload: number, event: WorkerEvent) {
        seen.push(payload, event.payload)
      }
    }
    const app = await start({ providers: [Piped] }, { onError })
    await publish(app, 'a', 'x', 5)
    expect(seen).toEqual([20, 5])
    await app.close()
  })

  it('that throws keeps the handler from being called', async () => {
    @Injectable()
    class Piped {
      @UsePipes(ParseIntPipe)
      @OnWorkerEvent('a', 'x')
      any(payload: number) {
        seen.push(payload)
      }
    }
    const app = await start({ providers: [Piped] }, { onError })
    await publish(app, 'a', 'x', 'five')
    await publish(app, 'a', 'x', '5')
    expect(seen).toEqual([5])
    expect(onError.mock.calls).toMatchObject([[{ status: 400 }, { payload: 'five' }, 'Piped.any']])
    await app.close()
  })

  it('gets the class of a payload, as it would of a body', async () => {
    class Purge {
      tag = ''
    }
    const pipe: PipeTransform = {
      transform(value: object, { metatype, type }) {
        seen.push(type)
        return Object.assign(new (metatype as typeof Purge)(), value)
      },
    }
    @Injectable()
    class Piped {
      @UsePipes(pipe)
      @OnWorkerEvent('a', 'x')
      any(payload: Purge) {
        seen.push(payload)
      }
    }
    const app = await start({ providers: [Piped] })
    await publish(app, 'a', 'x', { tag: 'assets' })
    expect(seen).toEqual(['body', Object.assign(new Purge(), { tag: 'assets' })])
    expect(seen[1]).toBeInstanceOf(Purge)
    await app.close()
  })
})

describe('a decorated parameter', () => {
  it('has pipes of its own, may be a part of the payload, and leaves the others as they are', async () => {
    const Generation = createParamDecorator((_, context) => context.getArgByIndex<WorkerEvent>(1).generation > 0)
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any(@EventPayload('count', ParseIntPipe) count: number, event: WorkerEvent, @Generation() isBroadcast: boolean) {
        seen.push(count, event.type, isBroadcast)
      }
      @OnWorkerEvent('a', 'x')
      plain(@Body() payload: unknown, event: WorkerEvent) {
        seen.push(payload, event.type)
      }
    }
    const app = await start({ providers: [Listener] })
    await publish(app, 'a', 'x', { count: '3' })
    expect(seen).toEqual(expect.arrayContaining([3, 'x', true, { count: '3' }, 'x']))
    await app.close()
  })
})

describe('an interceptor', () => {
  it('stands around the handler, and may keep it from being called', async () => {
    const around: NestInterceptor = {
      intercept(context: ExecutionContext, next: CallHandler) {
        const payload = context.getArgByIndex<unknown>(0)
        if (payload === 'drop') return EMPTY
        seen.push('before')
        return next.handle().pipe(
          map((result) => `${String(result)}!`),
          tap((result) => seen.push(result)),
        )
      },
    }
    @Injectable()
    class Intercepted {
      @UseInterceptors(around)
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(payload)
        return 'result'
      }
    }
    const app = await start({ providers: [Intercepted] }, { onError })
    await publish(app, 'a', 'x', 1)
    await publish(app, 'a', 'x', 'drop')
    expect(seen).toEqual(['before', 1, 'result!'])
    expect(onError).not.toHaveBeenCalled()
    await app.close()
  })
})

describe('an exception filter', () => {
  class Expected extends Error {}

  @Catch(Expected)
  class ExpectedFilter implements ExceptionFilter<Expected> {
    catch(error: Expected, host: ArgumentsHost) {
      seen.push([
        error.message,
        host.getType(),
        host.getArgByIndex<unknown>(0),
        host.getArgByIndex<WorkerEvent>(1).channel,
      ])
    }
  }

  @UseFilters(ExpectedFilter)
  @Injectable()
  class Failing {
    @OnWorkerEvent('a', 'x')
    any(payload: unknown) {
      throw payload === 1 ? new Expected('expected') : new Error('unexpected')
    }
  }

  it('takes what it catches, and only that', async () => {
    const app = await start({ providers: [Failing] }, { onError })
    await publish(app, 'a', 'x', 1)
    expect(seen).toEqual([['expected', 'worker-events', 1, 'a']])
    expect(onError).not.toHaveBeenCalled()
    await publish(app, 'a', 'x', 2)
    expect(onError.mock.calls).toMatchObject([[{ message: 'unexpected' }, { payload: 2 }, 'Failing.any']])
    await app.close()
  })
})

describe('what is bound to the whole application', () => {
  it('is bound to handlers too', async () => {
    @Catch()
    class Filter implements ExceptionFilter<Error> {
      catch({ message }: Error) {
        seen.push(message)
      }
    }
    const providers = [
      { provide: APP_GUARD, useValue: { canActivate: () => seen.push('guard') > 0 } },
      { provide: APP_PIPE, useValue: { transform: (value: number) => value + 1 } },
      {
        provide: APP_INTERCEPTOR,
        useValue: { intercept: (_: unknown, next: CallHandler) => (seen.push('in'), next.handle()) },
      },
      { provide: APP_FILTER, useClass: Filter },
    ]
    @Injectable()
    class Bare {
      @OnWorkerEvent('a', 'x')
      any(payload: number) {
        throw new Error(`payload ${payload}`)
      }
    }
    const app = await start({ providers: [Bare, ...providers] }, { onError })
    await publish(app, 'a', 'x', 1)
    expect(seen).toEqual(['guard', 'in', 'payload 2'])
    await app.close()
  })
})

describe('a handler with nothing bound to it', () => {
  it('is called within the poll, without the means of Nest', async () => {
    @Injectable()
    class Bare {
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(payload)
      }
      @UsePipes(new Doubling())
      @OnWorkerEvent('a', 'y')
      piped(payload: unknown) {
        seen.push(payload)
      }
    }
    const create = jest.spyOn(ExternalContextCreator.prototype, 'create')
    const app = await start({ providers: [Bare] }, { pollInterval: 0 })
    expect(create.mock.calls.map(([, , method]) => method)).toEqual(['piped'])
    create.mockRestore()

    const events = app.get(WorkerEventsService)
    for (let payload = 0; payload < 100; payload++) events.publish('a', 'x', payload)
    events.publish('a', 'y', 1)
    events.poll()
    expect(seen).toEqual(Array.from({ length: 100 }, (_, payload) => payload))
    await app.close()
  })

  it('may return an observable, which is subscribed to', async () => {
    @Injectable()
    class Bare {
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        return of(payload).pipe(tap((value) => seen.push(value)))
      }
    }
    const app = await start({ providers: [Bare] })
    await publish(app, 'a', 'x', 1)
    expect(seen).toEqual([1])
    await app.close()
  })
})
