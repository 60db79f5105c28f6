// A thread that takes a place in a zone and sits there until it is ended.

import { parentPort, workerData } from 'node:worker_threads'
import { WorkerEvents } from '@worker-events/core'

const bus = WorkerEvents.open(workerData)
parentPort.postMessage(bus.worker)
bus.ref()
