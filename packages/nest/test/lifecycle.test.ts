import { once } from 'node:events'
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common'
import { jest } from '@jest/globals'
import { WorkerEvents, createZoneBuffer, lifecycle } from '@worker-events/core'
import { OnWorkerEvent, WorkerEventsModule, WorkerEventsService } from '../src/index.js'
import { flush } from '../src/testing.js'
import { publish, start, startWith } from './application.js'

const seen: unknown[] = []
beforeEach(() => {
  seen.length = 0
})

describe('an application that starts', () => {
  it('has its handlers subscribed when it is bootstrapped; what was before comes by replay', async () => {
    @Injectable()
    class Early implements OnModuleInit, OnApplicationBootstrap {
      constructor(readonly events: WorkerEventsService) {}
      onModuleInit() {
        void this.events.readiness.then(() => seen.push('ready'))
        this.events.publish('a', 'x', 'init')
        this.events.poll()
      }
      async onApplicationBootstrap() {
        await this.events.readiness
        this.events.publish('a', 'x', 'bootstrap')
      }
      @OnWorkerEvent('a', 'x')
      now(payload: unknown) {
        seen.push(`now ${String(payload)}`)
      }
      @OnWorkerEvent('a', 'x', { replay: 'all' })
      all(payload: unknown) {
        seen.push(`all ${String(payload)}`)
      }
    }
    const app = await start({ providers: [Early] })
    await flush(app)
    expect(seen).toEqual(['ready', 'all init', 'now bootstrap', 'all bootstrap'])
    await app.close()
  })
})

describe('an application that closes', () => {
  @Injectable()
  class Slow {
    readonly release = new AbortController()
    @OnWorkerEvent('a', 'x')
    async any(payload: unknown) {
      seen.push(`${String(payload)} begins`)
      if (!this.release.signal.aborted) await once(this.release.signal, 'abort')
      seen.push(`${String(payload)} ends`)
    }
  }

  it('delivers what is pending, and waits for the handlers', async () => {
    const app = await start({ providers: [Slow] }, { pollInterval: 0 })
    app.get(WorkerEventsService).publish('a', 'x', 'pending')
    const closed = app.close().then(() => seen.push('closed'))
    setImmediate(() => app.get(Slow).release.abort())
    await closed
    expect(seen).toEqual(['pending begins', 'pending ends', 'closed'])
  })

  it('waits no longer than its drainTimeout', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined)
    const app = await start({ providers: [Slow] }, { drainTimeout: 10 })
    app.get(WorkerEventsService).publish('a', 'x', 'slow')
    await app.close()
    expect(seen).toEqual(['slow begins'])
    expect(warn.mock.calls.flat()).toEqual(['drainTimeout is over, handlers that still run: 1'])
    warn.mockRestore()
  })

  it.each([
    ['at once', async () => undefined],
    ['later', () => new Promise<void>((resolve) => void setTimeout(resolve, 1))],
  ])('ends when its drainTimeout is over, though a handler publishes %s what it handles', async (_, wait) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined)
    let calls = 0
    @Injectable()
    class Endless {
      constructor(readonly events: WorkerEventsService) {}
      @OnWorkerEvent('a', 'x')
      async any() {
        calls++
        await wait()
        if (!this.events.bus.closed) this.events.publish('a', 'x')
      }
    }
    const bus = WorkerEvents.open({ zone: createZoneBuffer() })
    const imports = [WorkerEventsModule.forRoot({ bus, drainTimeout: 500 })]
    const app = await startWith({ imports, providers: [Endless] })
    app.get(WorkerEventsService).publish('a', 'x')
    await app.close()
    const ofClose = calls
    expect(ofClose).toBeGreaterThan(1)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('drainTimeout is over'))
    bus.publish('a', 'x')
    bus.poll()
    await new Promise((resolve) => setImmediate(resolve))
    bus.poll()
    expect(calls).toBe(ofClose)
    bus.close()
    warn.mockRestore()
  })

  it('stops reading before its connections close, and publishes until it is over', async () => {
    const zone = createZoneBuffer()
    const other = WorkerEvents.open({ zone, pollInterval: 0 })
    other.subscribe('a', (payload) => seen.push(`other ${String(payload)}`))
    other.subscribe(lifecycle.stopping, () => seen.push('stopped'))
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(`listener ${String(payload)}`)
      }
    }
    const app = await start({ providers: [Listener] }, { zone })
    const events = app.get(WorkerEventsService)
    events.observe('a').subscribe({ complete: () => events.publish('a', 'x', 'late') })
    await app.close()
    other.poll()
    expect(seen).toEqual(['other late', 'stopped'])
    expect(other.inspect().workers).toHaveLength(1)
    other.close()
  })

  it('has let go of a bus that is not its own', async () => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer(), pollInterval: 0 })
    const app = await startWith({ imports: [WorkerEventsModule.forRoot({ bus })], providers: [Slow] })
    await app.close()
    bus.publish('a', 'x', 'after')
    bus.poll()
    expect(seen).toEqual([])
    bus.close()
  })

  it('delivers to those who publish while they shut down', async () => {
    @Injectable()
    class Last implements BeforeApplicationShutdown {
      constructor(readonly events: WorkerEventsService) {}
      beforeApplicationShutdown() {
        this.events.publish('a', 'x', 'farewell')
      }
      @OnWorkerEvent('a', 'x')
      any(payload: unknown) {
        seen.push(payload)
      }
    }
    const app = await start({ providers: [Last] }, { pollInterval: 0 })
    await app.close()
    expect(seen).toEqual(['farewell'])
  })

  it('may close twice, and although its bus is closed already', async () => {
    const app = await start({ providers: [Slow] })
    app.get(WorkerEventsService).bus.close()
    await app.close()
    await app.close()
    await expect(publish(app, 'a', 'x')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})
