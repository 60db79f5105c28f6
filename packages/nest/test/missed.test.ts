import { Injectable } from '@nestjs/common'
import { WorkerEvents, createZoneBuffer } from '@worker-events/core'
import { jest } from '@jest/globals'
import { OnWorkerEvent, OnWorkerEventsMissed, WorkerEventsModule, WorkerEventsService } from '../src/index.js'
import { flush } from '../src/testing.js'
import { start, startWith } from './application.js'

const seen: unknown[] = []
beforeEach(() => {
  seen.length = 0
})

describe('a method that resyncs', () => {
  @Injectable()
  class Cache {
    @OnWorkerEvent('a', 'x')
    any(payload: number) {
      seen.push(payload)
    }
    @OnWorkerEventsMissed()
    reload(...args: unknown[]) {
      seen.push(...args)
    }
  }

  it('is told which generations were lost, before the events that follow', async () => {
    const zone = createZoneBuffer({ ringSize: 4 })
    const app = await start({ providers: [Cache] }, { zone, pollInterval: 0, lifecycle: false })
    for (let payload = 1; payload <= 6; payload++) app.get(WorkerEventsService).publish('a', 'x', payload)
    await flush(app)
    expect(seen).toEqual([{ from: 1, to: 2, count: 2 }, 3, 4, 5, 6])
    await app.close()
  })

  it('is told beside onMissed', async () => {
    const zone = createZoneBuffer({ ringSize: 1 })
    const onMissed = jest.fn()
    const app = await start({ providers: [Cache] }, { zone, pollInterval: 0, lifecycle: false, onMissed })
    for (let payload = 1; payload <= 2; payload++) app.get(WorkerEventsService).publish('a', 'x', payload)
    await flush(app)
    expect(onMissed.mock.calls).toEqual([[{ from: 1, to: 1, count: 1 }]])
    expect(seen).toEqual([{ from: 1, to: 1, count: 1 }, 2])
    await app.close()
  })

  it('is told beside what a bus tells by itself, until the application closes', async () => {
    const [ofBus, ofModule] = [jest.fn(), jest.fn()]
    const zone = createZoneBuffer({ ringSize: 1 })
    const bus = WorkerEvents.open({ zone, pollInterval: 0, lifecycle: false, onMissed: ofBus })
    const imports = [WorkerEventsModule.forRoot({ bus, onMissed: ofModule })]
    const app = await startWith({ imports, providers: [Cache] })
    const lose = () => {
      for (let payload = 1; payload <= 2; payload++) bus.publish('a', 'x', payload)
      bus.poll()
    }
    lose()
    expect(seen).toEqual([{ from: 1, to: 1, count: 1 }, 2])
    for (const told of [ofBus, ofModule]) expect(told.mock.calls).toEqual([[{ from: 1, to: 1, count: 1 }]])
    await app.close()
    lose()
    expect(seen).toHaveLength(2)
    expect([ofBus, ofModule].map(({ mock }) => mock.calls.length)).toEqual([2, 1])
    bus.close()
  })
})
