// Four processes of one cluster, each with the endpoint at the port they share and at a port of its own.
import cluster from 'node:cluster'
import { WorkerEvents } from '@worker-events/core'

const WORKERS = 4

if (cluster.isPrimary) {
  const addresses = await Promise.all(
    Array.from({ length: WORKERS }, () => new Promise((resolve) => cluster.fork().once('message', resolve))),
  )
  process.send?.(addresses)
  // Without whoever wants them, none of these processes has anything to do. Workers end with their primary.
  process.once('disconnect', () => process.exit())
} else {
  const { mount } = await import(`../mounts/${process.env['MOUNT'] ?? ''}.js`)
  const bus = WorkerEvents.open({ zone: 'bus', directory: process.env['ZONES'] ?? '', ringSize: 256 })
  const options = { channel: 'cache.invalidate' }
  const shared = await mount(bus, options)
  const own = await mount(bus, options, { exclusive: true })
  process.send?.({ pid: process.pid, shared: shared.server.address().port, own: own.server.address().port })
}
