// What Nest has from its major 12 on; the run on the major before it leaves this out.
import { Injectable, StandardSchemaValidationPipe, UsePipes } from '@nestjs/common'
import { jest } from '@jest/globals'
import type { WorkerEvent } from '@worker-events/core'
import { z } from 'zod'
import { EventPayload, OnWorkerEvent } from '../src/index.js'
import { publish, start } from './application.js'

describe("Nest's pipe for Standard Schemas", () => {
  it('checks and changes the payload by the schema of the parameter', async () => {
    const seen: unknown[] = []
    const schema = z.object({ count: z.coerce.number() })
    @UsePipes(StandardSchemaValidationPipe)
    @Injectable()
    class Listener {
      @OnWorkerEvent('a', 'x')
      any(@EventPayload({ schema }) payload: unknown, event: WorkerEvent) {
        seen.push(payload, event.payload)
      }
    }
    const onError = jest.fn()
    const app = await start({ providers: [Listener] }, { onError })
    await publish(app, 'a', 'x', { count: '3' })
    await publish(app, 'a', 'x', { count: 'three' })
    expect(seen).toEqual([{ count: 3 }, { count: '3' }])
    expect(onError.mock.calls).toMatchObject([[{ status: 400 }, { payload: { count: 'three' } }, 'Listener.any']])
    await app.close()
  })
})
