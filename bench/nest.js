// A Nest handler, singleton, without enhancers, beside a handler of @nestjs/event-emitter in the same application.
import 'reflect-metadata'
import { Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter'
import { createZoneBuffer } from '@worker-events/core'
import { OnWorkerEvent, WorkerEventsModule, WorkerEventsService } from '@worker-events/nest'
import { CHANNEL, TYPE, payloadOf } from './payload.js'
import { quantile } from './statistics.js'

const BATCH = 500

/** Batches that are always measured, those of them that are warm-up, and milliseconds after which that is enough. */
const FEWEST = 60
const WARM_UP = 20
const LONGEST = 4000

const { batches } = JSON.parse(process.argv[2])
const payload = payloadOf(1, 123_456)
let handled = 0

class Handlers {
  onWorkerEvent() {
    handled++
  }
  onEmitted() {
    handled++
  }
}
const method = (name) => Object.getOwnPropertyDescriptor(Handlers.prototype, name)
OnWorkerEvent(CHANNEL, TYPE)(Handlers.prototype, 'onWorkerEvent', method('onWorkerEvent'))
OnEvent(`${CHANNEL}.${TYPE}`)(Handlers.prototype, 'onEmitted', method('onEmitted'))
Injectable()(Handlers)

class AppModule {}
Module({
  imports: [
    EventEmitterModule.forRoot(),
    WorkerEventsModule.forRoot({ zone: createZoneBuffer({ ringSize: 4096 }), lifecycle: false }),
  ],
  providers: [Handlers],
})(AppModule)

const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
const emitter = app.get(EventEmitter2)
const events = app.get(WorkerEventsService)
await events.readiness

const subjects = {
  emitter: () => {
    for (let index = 0; index < BATCH; index++) emitter.emit(`${CHANNEL}.${TYPE}`, payload)
  },
  /** By reference and to this process only, which is the emitter's work. */
  local: () => {
    for (let index = 0; index < BATCH; index++) events.publishLocal(CHANNEL, TYPE, payload)
    events.poll()
  },
  /** By JSON through the ring, to every process. */
  broadcast: () => {
    for (let index = 0; index < BATCH; index++) events.publish(CHANNEL, TYPE, payload)
    events.poll()
  },
}
const times = { emitter: [], local: [], broadcast: [] }
const deadline = performance.now() + LONGEST
for (let batch = 0; batch < batches; batch++) {
  // On a busy machine fewer batches must do.
  if (batch > FEWEST && performance.now() > deadline) break
  for (const [name, run] of Object.entries(subjects)) {
    const before = handled
    const started = process.hrtime.bigint()
    run()
    // What handlers leave to promises is part of the cost.
    await new Promise((resolve) => setImmediate(resolve))
    if (batch >= WARM_UP) times[name].push(Number(process.hrtime.bigint() - started) / BATCH)
    if (handled - before !== BATCH) throw new Error(`${name}: ${handled - before} of ${BATCH} events were handled`)
  }
}
await app.close()
const result = Object.fromEntries(Object.entries(times).map(([name, one]) => [name, quantile(one, 0.25)]))
process.send(result, () => process.exit(0))
