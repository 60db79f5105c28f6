// Worker places of one process: given back by each handle that ends, however it ended, while the process goes on.

import { once } from 'node:events'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { WorkerEvents } from '@worker-events/core'
import { makeDirectory, removeDirectories } from './subjects.js'

const sitter = path.join(import.meta.dirname, 'sitter.mjs')

afterEach(removeDirectories)

describe('the place of a worker in a process that goes on', () => {
  it('is free again when its handle is closed', () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    WorkerEvents.open(place).close()

    using again = WorkerEvents.open(place)

    expect(again.worker).toBe(0)
  })

  it('is free again when its thread is terminated', async () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    using watcher = WorkerEvents.open(place)
    const thread = new Worker(sitter, { workerData: place })
    const [sitting] = (await once(thread, 'message')) as [number]
    expect(watcher.inspect().workers.map(({ id }) => id)).toEqual([0, sitting])

    await thread.terminate()

    expect(watcher.inspect().workers.map(({ id }) => id)).toEqual([0])
    using next = WorkerEvents.open(place)
    expect(next.worker).toBe(sitting)
  })

  it('does not keep a zone that everybody has closed from being made anew', () => {
    const place = { zone: 'bus', directory: makeDirectory() }
    const first = WorkerEvents.open(place)
    first.close()

    using second = WorkerEvents.open({ ...place, ringSize: 7 })

    expect(second.capacity).toBe(7)
    expect(second.epoch).not.toBe(first.epoch)
  })
})
