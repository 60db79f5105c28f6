/** A cluster of two workers on zone `bus`. The primary passes orders to its workers and answers when both have obeyed. */
import cluster from 'node:cluster'
import { once } from 'node:events'
import process from 'node:process'
import { WorkerEvents } from '../../bundle/index.js'

const orders = cluster.isPrimary ? prime() : work()
process.on('message', async (order) => process.send(await orders[order.name](order)))
process.on('disconnect', () => process.exit())
// An order that reaches a worker before it listens is lost.
if (cluster.isWorker) process.send('ready')

function prime() {
  const workers = [cluster.fork(), cluster.fork()]
  const ready = Promise.all(workers.map((worker) => once(worker, 'message')))
  const ask = async (worker, order) => {
    await ready
    const answered = once(worker, 'message')
    worker.send(order)
    return (await answered)[0]
  }
  const askAll = (order) => Promise.all(workers.map((worker) => ask(worker, order)))
  return {
    pids: askAll,
    end: () => Promise.all(workers.filter((worker) => !worker.isDead()).map(kill)),
    publish: (order) => Promise.all([ask(workers[0], order)]),
    publishText: (order) => Promise.all([ask(workers[0], order)]),
    async received({ count }) {
      for (;;) {
        const received = await askAll({ name: 'received' })
        if (received.flat().length >= count) return received
      }
    },
  }
}

async function kill(worker) {
  const gone = once(worker, 'exit')
  worker.process.kill('SIGKILL')
  return gone
}

function work() {
  const received = []
  const bus = WorkerEvents.open({ zone: 'bus', ringSize: 256, maxWorkers: 8, lifecycle: false, uniqueTimeout: 60_000 })
  bus.subscribe((payload, { channel, type, generation, pid }) => {
    received.push({ channel, type, generation, pid, ...(payload === undefined ? {} : { payload }) })
  })
  return {
    pids: () => process.pid,
    publish: ({ event: [channel, type, payload, options] }) => bus.publish(channel, type, payload, options),
    /** Publishes text that need not be what `JSON.stringify` would write, as HTTP clients can. */
    publishText: ({ event: [channel, type, text] }) =>
      bus.session.publishBody(bus.session.pairs.pair(channel, type), text, undefined),
    received: () => received,
  }
}
