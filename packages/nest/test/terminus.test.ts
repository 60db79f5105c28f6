import { HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { Test, type TestingModule } from '@nestjs/testing'
import { type WorkerEventsService, getWorkerEventsToken } from '../src/index.js'
import { WorkerEventsHealthIndicator } from '../src/terminus.js'
import { WorkerEventsTestingModule } from '../src/testing.js'

let moduleRef: TestingModule
let indicator: WorkerEventsHealthIndicator
const events = () => moduleRef.get<WorkerEventsService>(getWorkerEventsToken('metrics'))
beforeEach(async () => {
  const zone = WorkerEventsTestingModule.forRoot({ name: 'metrics', pollInterval: 0, lifecycle: false })
  const metadata = {
    imports: [zone, TerminusModule.forRoot({ logger: false })],
    providers: [WorkerEventsHealthIndicator],
  }
  moduleRef = await Test.createTestingModule(metadata).compile()
  indicator = moduleRef.get(WorkerEventsHealthIndicator)
})
afterEach(() => moduleRef.close())

describe('the health indicator', () => {
  it('is up while this worker is not behind by more than maxLag', () => {
    events().publish('a', 'x')
    events().publish('a', 'x')
    const options = { name: 'metrics', maxLag: 2 }
    expect(indicator.isHealthy('events', options)).toEqual({ events: { status: 'up', lag: 2, missed: 0 } })
    events().publish('a', 'x')
    expect(indicator.isHealthy('events', options)).toEqual({ events: { status: 'down', lag: 3, missed: 0 } })
    events().poll()
    expect(indicator.isHealthy('events', options)).toMatchObject({ events: { status: 'up' } })
  })

  it('is down by default when half of the ring is unread', () => {
    const { capacity } = events().bus
    for (let count = 0; count < capacity / 2; count++) events().publish('a', 'x')
    expect(indicator.isHealthy('events', { name: 'metrics' })).toMatchObject({ events: { status: 'up' } })
    events().publish('a', 'x')
    expect(indicator.isHealthy('events', { name: 'metrics' })).toMatchObject({ events: { status: 'down' } })
  })

  it('is not up for a maxLag that is no number', () => {
    const { events: state } = indicator.isHealthy('events', { name: 'metrics', maxLag: Number('none') })
    expect(state).toMatchObject({ status: 'down' })
  })

  it('is down when the zone cannot be used', () => {
    events().bus.close()
    const { events: state } = indicator.isHealthy('events', { name: 'metrics' })
    expect(state).toMatchObject({ status: 'down', message: expect.stringContaining('closed') as unknown })
  })

  it('takes part in a health check', async () => {
    const check = () =>
      moduleRef.get(HealthCheckService).check([() => indicator.isHealthy('events', { name: 'metrics' })])
    expect(await check()).toMatchObject({ status: 'ok', details: { events: { status: 'up' } } })
    events().bus.close()
    await expect(check()).rejects.toMatchObject({ status: 503 })
  })
})
