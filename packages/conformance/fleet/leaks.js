// One process with the endpoint that counts, when it is asked, what its clients have left behind.
import { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import v8 from 'node:v8'
import { WorkerEvents } from '@worker-events/core'

const { mount } = await import(`../mounts/${process.env['MOUNT'] ?? ''}.js`)
const bus = WorkerEvents.open({ zone: 'bus', directory: process.env['ZONES'] ?? '', onMissed: () => undefined })
const { server } = await mount(bus, { channel: 'cache.invalidate' })
process.send?.({ port: server.address().port })

// Something to send to whoever is there.
setInterval(() => bus.publish('cache.invalidate', 'purged', 'x'.repeat(100)), 1)

process.on('message', () => {
  process.send?.({
    handles: process.getActiveResourcesInfo().filter((type) => type.endsWith('Wrap')).length,
    // Collects garbage first.
    streams: v8.queryObjects(Readable),
    responses: v8.queryObjects(ServerResponse),
    heap: process.memoryUsage().heapUsed,
  })
})
process.once('disconnect', () => process.exit())
