import { Injectable } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { createZoneBuffer } from '@worker-events/core'
import request from 'supertest'
import { OnWorkerEvent, WorkerEventsService } from '../src/index.js'
import { WorkerEventsTestingModule, flush } from '../src/testing.js'

@Injectable()
class CacheService {
  readonly tags = new Set(['assets', 'fonts'])
  constructor(private readonly events: WorkerEventsService) {}

  purge(tag: string) {
    this.events.publish('cache', 'purged', tag)
  }

  @OnWorkerEvent('cache', 'purged')
  async drop(tag: string) {
    await Promise.resolve()
    if (this.tags.delete(tag)) this.events.publish('cache', 'dropped', tag)
  }

  readonly dropped: unknown[] = []
  @OnWorkerEvent('cache', 'dropped')
  note(tag: string) {
    this.dropped.push(tag)
  }
}

describe('the testing module', () => {
  it('delivers to handlers, and to what they publish, when it is flushed', async () => {
    const imports = [WorkerEventsTestingModule.forRoot()]
    const moduleRef = await Test.createTestingModule({ imports, providers: [CacheService] }).compile()
    await moduleRef.init()
    const cache = moduleRef.get(CacheService)
    cache.purge('assets')
    expect(cache.tags.has('assets')).toBe(true)
    await flush(moduleRef)
    expect([...cache.tags]).toEqual(['fonts'])
    expect(cache.dropped).toEqual(['assets'])
    await moduleRef.close()
    await flush(moduleRef)
  })

  it('has a zone for each application, unless it is given one', async () => {
    const zone = createZoneBuffer()
    const epochs = [{}, {}, { zone }, { zone }].map(async (options) => {
      const imports = [WorkerEventsTestingModule.forRoot(options)]
      const moduleRef = await Test.createTestingModule({ imports }).compile()
      const { epoch } = moduleRef.get(WorkerEventsService).bus
      await moduleRef.close()
      return epoch
    })
    expect(new Set(await Promise.all(epochs)).size).toBe(3)
  })

  it('has a zone of the dimensions that it is given', async () => {
    const imports = [WorkerEventsTestingModule.forRoot({ ringSize: 4 })]
    const moduleRef = await Test.createTestingModule({ imports }).compile()
    expect(moduleRef.get(WorkerEventsService).bus.capacity).toBe(4)
    await moduleRef.close()
  })

  it('has named zones, and is flushed by name', async () => {
    const imports = [WorkerEventsTestingModule.forRoot({ name: 'metrics' })]
    const moduleRef = await Test.createTestingModule({ imports }).compile()
    await flush(moduleRef, 'metrics')
    await expect(flush(moduleRef)).rejects.toThrow('WorkerEventsService')
    await moduleRef.close()
  })

  it('mounts the endpoint in an application that is made of it', async () => {
    const imports = [WorkerEventsTestingModule.forRoot({ api: { channel: 'cache', bodyLimit: 5 } })]
    const app = (await Test.createTestingModule({ imports }).compile()).createNestApplication()
    await app.init()
    const server = app.getHttpServer() as Parameters<typeof request>[0]
    const answer = await request(server).post('/internal/worker-events').send({ type: 'x' })
    expect(answer.body).toMatchObject({ code: 'ERR_BODY_TOO_LARGE' })
    await app.close()
  })
})
