// One worker of a cluster: a Nest application without HTTP that tells its parent, over IPC, what reaches it.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { OnWorkerEvent, OnWorkerEventsMissed, WorkerEventsModule, WorkerEventsService } from '@worker-events/nest'

/** Applies decorators as the compiler would: this file runs as it is. */
function decorate(host, method, ...decorators) {
  for (const decorator of decorators) decorator(host, method, Object.getOwnPropertyDescriptor(host, method))
}

const tell = (...what) => process.send(what)

class Cache {
  purged(payload, { worker, pid }) {
    tell('handler', payload, worker, pid)
  }
  unique(payload) {
    tell('unique', payload)
  }
  async slow(payload) {
    tell('slow begins', payload)
    await new Promise((resolve) => process.once('message', resolve))
    tell('slow ends', payload)
  }
  missed(missed) {
    tell('missed', missed.count > 0)
  }
}
decorate(Cache.prototype, 'purged', OnWorkerEvent('cache', 'purged'))
decorate(Cache.prototype, 'unique', OnWorkerEvent('jobs', 'run'))
decorate(Cache.prototype, 'slow', OnWorkerEvent('slow'))
decorate(Cache.prototype, 'missed', OnWorkerEventsMissed())

class App {}
Module({ imports: [WorkerEventsModule.forRoot(JSON.parse(process.argv[2]))], providers: [Cache] })(App)

const app = await NestFactory.createApplicationContext(App, { logger: false })
app.enableShutdownHooks()
const events = app.get(WorkerEventsService)
events.observe('cache', 'purged').subscribe({
  next: ({ payload, worker, pid }) => tell('observer', payload, worker, pid),
  complete: () => tell('completed'),
})
process.on('message', ([method, ...args]) => {
  if (method === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, args[0])
  else if (method === 'close') void app.close().then(() => process.disconnect())
  else if (method !== 'release') tell('returned', events[method](...args))
})
tell('up', events.bus.worker, process.pid)
