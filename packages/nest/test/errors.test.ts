import { Injectable, Logger } from '@nestjs/common'
import { jest } from '@jest/globals'
import { createZoneBuffer, defineEvents } from '@worker-events/core'
import { config, throwError } from 'rxjs'
import { z } from 'zod'
import { OnWorkerEvent, OnWorkerEventsMissed, WorkerEventsService } from '../src/index.js'
import { flush } from '../src/testing.js'
import { publish, start } from './application.js'

const typed = defineEvents('typed', { tag: z.string() })

@Injectable()
class Failing {
  @OnWorkerEvent('a', 'throws')
  throws() {
    throw new Error('thrown')
  }
  @OnWorkerEvent('a', 'rejects')
  async rejects() {
    await Promise.reject(new Error('rejected'))
  }
  @OnWorkerEvent('a', 'errors')
  errors() {
    return throwError(() => new Error('emitted'))
  }
  @OnWorkerEvent('a', 'odd')
  odd(payload: unknown) {
    throw payload
  }
  @OnWorkerEvent('a', ['throws', 'rejects', 'errors', 'odd'])
  other() {
    others++
  }
  @OnWorkerEvent(typed.tag)
  tag(payload: string) {
    throw new Error(`never called: ${payload.length}`)
  }
  @OnWorkerEventsMissed()
  reload() {
    throw new Error('cannot reload')
  }
}

const raise = (cause: unknown): never => {
  throw cause
}

let others = 0
const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined)
beforeEach(() => {
  others = 0
  error.mockClear()
})
afterAll(() => error.mockRestore())

describe('the failure of a handler', () => {
  it.each([
    ['throws', 'thrown'],
    ['rejects', 'rejected'],
    ['errors', 'emitted'],
  ])('that %s is logged with the event, the method and the stack, and hurts nobody', async (type, message) => {
    const app = await start({ providers: [Failing] }, { lifecycle: false })
    await publish(app, 'a', type, { secret: 'do not tell' })
    const text = `zone memory: Failing.${type} failed at a/${type} generation 1`
    expect(error.mock.calls).toEqual([[text, expect.stringMatching(`^Error: ${message}\n +at .*`)]])
    expect(JSON.stringify(error.mock.calls)).not.toContain('do not tell')
    expect(others).toBe(1)
    await app.close()
  })

  it('does not show what was thrown unless it is an error', async () => {
    const app = await start({ providers: [Failing] }, { lifecycle: false })
    await publish(app, 'a', 'odd', 'do not tell')
    expect(error.mock.calls).toEqual([
      ['zone memory: Failing.odd failed at a/odd generation 1', 'a value of type string was thrown'],
    ])
    await app.close()
  })

  it('is told to onError instead, with the event and the method', async () => {
    const onError = jest.fn()
    const app = await start({ providers: [Failing] }, { onError })
    await publish(app, 'a', 'rejects', 1)
    const told = [{ message: 'rejected' }, { channel: 'a', type: 'rejects', payload: 1 }, 'Failing.rejects']
    expect(onError.mock.calls).toMatchObject([told])
    expect(error).not.toHaveBeenCalled()
    await app.close()
  })

  it.each([
    ['throws', () => raise(new Error('onError is broken'))],
    ['rejects', async () => raise(new Error('onError is broken'))],
  ])('is logged after all if onError %s, which is logged too', async (_, onError) => {
    const app = await start({ providers: [Failing] }, { onError, lifecycle: false })
    for (const type of ['throws', 'rejects']) await publish(app, 'a', type)
    expect(error.mock.calls.map(([text]) => text as unknown)).toEqual([
      'zone memory: Failing.throws failed at a/throws generation 1',
      'zone memory: onError failed at a/throws generation 1',
      'zone memory: Failing.rejects failed at a/rejects generation 2',
      'zone memory: onError failed at a/rejects generation 2',
    ])
    await app.close()
  })
})

describe('whatever a handler throws or returns', () => {
  const unreadable = () =>
    Object.defineProperty(new Error('unreadable'), 'stack', {
      get() {
        throw new Error('no stack')
      },
    })
  const trapped = new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error('no prototype')
      },
    },
  )
  const ways: [string, () => unknown, expected: unknown][] = [
    ['undefined', async () => raise(undefined), 'a value of type undefined was thrown'],
    ['an object without a prototype', () => raise(Object.create(null)), 'a value of type object was thrown'],
    ['an error that cannot be read', () => raise(unreadable()), 'an error was thrown that cannot be read'],
    ['a rejection that cannot be read', async () => raise(unreadable()), 'an error was thrown that cannot be read'],
    ['a proxy that throws', () => raise(trapped), 'an error was thrown that cannot be read'],
    ['a thenable that throws', () => ({ then: () => raise(new Error('then')) }), expect.stringContaining('then')],
    [
      'an observable that fails with nothing',
      () => throwError(() => undefined),
      'a value of type undefined was thrown',
    ],
  ]
  it.each(ways)('%s is logged once, by the name of the method', async (_, way, stack) => {
    @Injectable()
    class Odd {
      @OnWorkerEvent('a', 'x')
      any() {
        return way()
      }
      @OnWorkerEvent('a', 'x')
      other() {
        others++
      }
    }
    const app = await start({ providers: [Odd] }, { lifecycle: false })
    await publish(app, 'a', 'x')
    expect(error.mock.calls).toEqual([['zone memory: Odd.any failed at a/x generation 1', stack]])
    expect(others).toBe(1)
    await app.close()
  })

  it('is no failure if it only looks like a promise', async () => {
    @Injectable()
    class Odd {
      @OnWorkerEvent('a', 'x')
      any() {
        return { then: 5 }
      }
    }
    const app = await start({ providers: [Odd] })
    await publish(app, 'a', 'x')
    expect(error).not.toHaveBeenCalled()
    await app.close()
  })
})

describe('other failures', () => {
  it('of a payload that does not fit its schema are logged with the event', async () => {
    const app = await start({ providers: [Failing] }, { lifecycle: false })
    await publish(app, 'typed', 'tag', 5)
    const stack = expect.stringContaining('does not fit the schema') as unknown
    expect(error.mock.calls).toEqual([['zone memory: reading failed at typed/tag generation 1', stack]])
    await app.close()
  })

  it('of lost events are logged if no method resyncs, and of the method that resyncs', async () => {
    const options = () => ({ zone: createZoneBuffer({ ringSize: 1 }), pollInterval: 0, lifecycle: false })
    for (const providers of [[], [Failing]]) {
      const app = await start({ providers }, options())
      for (let count = 0; count < 2; count++) app.get(WorkerEventsService).publish('b', 'x')
      await flush(app)
      await app.close()
    }
    expect(error.mock.calls).toEqual([
      ['zone memory: reading failed', expect.stringContaining('ringSize')],
      ['zone memory: Failing.reload failed', expect.stringContaining('cannot reload')],
    ])
  })
})

describe('an error that is not suppressed', () => {
  it.each([
    ['by the handler', { suppressErrors: false }, undefined],
    ['by the module', undefined, { suppressErrors: false }],
  ])('%s is reported, and then an uncaught exception', async (_, ofHandler, ofModule) => {
    @Injectable()
    class Fatal {
      @OnWorkerEvent('a', 'x', ofHandler)
      any() {
        throw new Error('fatal')
      }
    }
    const uncaught: unknown[] = []
    const app = await start({ providers: [Fatal] }, ofModule)
    const thrown = new Promise<void>((resolve) => {
      config.onUnhandledError = (cause) => resolve(void uncaught.push(cause))
    })
    app.get(WorkerEventsService).publish('a', 'x')
    await Promise.all([thrown, flush(app)])
    config.onUnhandledError = null
    expect(uncaught).toMatchObject([{ message: 'fatal' }])
    expect(error).toHaveBeenCalledTimes(1)
    await app.close()
  })

  it('by the module may be suppressed by the handler', async () => {
    @Injectable()
    class Harmless {
      @OnWorkerEvent('a', 'x', { suppressErrors: true })
      any() {
        throw new Error('harmless')
      }
    }
    const app = await start({ providers: [Harmless] }, { suppressErrors: false })
    await publish(app, 'a', 'x')
    expect(error).toHaveBeenCalledTimes(1)
    await app.close()
  })
})
