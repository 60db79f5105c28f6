import cluster from 'node:cluster'
import { setTimeout } from 'node:timers/promises'
import { WorkerEvents } from '@worker-events/core'

if (cluster.isPrimary) {
  for (let i = 0; i < 4; i++) cluster.fork()
} else {
  const cache = new Map([['logo', 'logo-v1.svg']])
  const bus = WorkerEvents.open({ zone: 'quickstart' })

  bus.subscribe('cache.invalidate', 'purged', ({ key }, event) => {
    cache.delete(key)
    console.log(`worker ${bus.worker}: "${key}" purged by worker ${event.worker}, ${cache.size} entries left`)
    process.exit()
  })

  if (cluster.worker?.id === 1) {
    while (bus.inspect().workers.length < 4) await setTimeout(10) // until everybody is here
    bus.publish('cache.invalidate', 'purged', { key: 'logo' })
  }
}
