// Workers that are awake: handles that look at the ring in every turn and have nobody wake them.
import { WorkerEvents } from '@worker-events/core'

const [, , directory, zone, size] = process.argv
const options = { zone, directory, maxWorkers: 64, pollInterval: 0, lifecycle: false, onMissed: () => undefined }
const buses = Array.from({ length: Number(size) }, () => WorkerEvents.open(options))

setInterval(() => {
  for (const bus of buses) bus.poll()
}, 5)
process.send('open')
