// Measures inside one process, in which no rival takes part: publish() beside JSON.stringify, poll() beside Atomics.load.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { WorkerEvents } from '@worker-events/core'
import { CHANNEL, TYPE, payloadOf } from './payload.js'
import { quantile } from './statistics.js'
import { start } from './transports/worker-events.js'

const BATCH = 2000

/** Batches that are always measured, those of them that are warm-up, and milliseconds after which that is enough. */
const FEWEST = 60
const WARM_UP = 20
const LONGEST = 4000

let sink = 0

/** Nanoseconds a call, interleaved batch by batch; the lower quartile, as whatever else runs only ever adds. */
function measure(subjects, batches) {
  const times = subjects.map(() => [])
  const deadline = performance.now() + LONGEST
  for (let batch = 0; batch < batches; batch++) {
    // On a busy machine fewer batches must do.
    if (batch > FEWEST && performance.now() > deadline) break
    for (const [index, { prepare, run }] of subjects.entries()) {
      prepare?.()
      const started = process.hrtime.bigint()
      run()
      if (batch >= WARM_UP) times[index].push(Number(process.hrtime.bigint() - started) / BATCH)
    }
  }
  return times.map((one) => quantile(one, 0.25))
}

/** `poll()` as an application calls it: nothing is scheduled, so nothing else delivers. */
function open(directory, zone, changes) {
  return WorkerEvents.open({ zone, directory, maxWorkers: 64, pollInterval: 0, lifecycle: false, ...changes })
}

const payload = payloadOf(1, 123_456)
const text = JSON.stringify(payload)

const json = [
  {
    run: () => {
      for (let index = 0; index < BATCH; index++) sink += JSON.stringify(payload).length
    },
  },
  {
    run: () => {
      for (let index = 0; index < BATCH; index++) sink += JSON.parse(text).seq
    },
  },
]

function publishing(bus) {
  return {
    run: () => {
      for (let index = 0; index < BATCH; index++) sink += bus.publish(CHANNEL, TYPE, payload)
    },
  }
}

const jobs = {
  publish({ directory, batches }) {
    const [stringify, parse, publish] = measure([...json, publishing(open(directory, 'one'))], batches)
    return { stringify, parse, publish }
  },
  /** The other workers are awake, in another process: nobody sleeps, so nobody has to be woken. */
  async crowd({ directory, batches, sizes }) {
    const publishers = []
    for (const size of sizes) {
      const bus = open(directory, `crowd-${size}`)
      const crowd = fork(new URL('crowd.js', import.meta.url), [directory, `crowd-${size}`, String(size - 1)])
      await once(crowd, 'message')
      publishers.push({ bus, crowd })
    }
    const costs = measure(
      publishers.map(({ bus }) => publishing(bus)),
      batches,
    )
    for (const { crowd } of publishers) crowd.kill()
    return Object.fromEntries(sizes.map((size, index) => [size, costs[index]]))
  },
  poll({ directory, batches }) {
    const bus = open(directory, 'poll')
    const words = new Int32Array(new SharedArrayBuffer(4))
    const [load, poll] = measure(
      [
        {
          run: () => {
            for (let index = 0; index < BATCH; index++) sink += Atomics.load(words, 0)
          },
        },
        {
          run: () => {
            for (let index = 0; index < BATCH; index++) bus.poll()
          },
        },
      ],
      batches,
    )
    return { load, poll }
  },
  deliver({ directory, batches }) {
    const publisher = open(directory, 'deliver', { ringSize: 4096 })
    const subscriber = open(directory, 'deliver', { ringSize: 4096 })
    subscriber.subscribe(CHANNEL, TYPE, ({ seq }) => (sink += seq))
    const prepare = () => {
      publisher.poll()
      for (let index = 0; index < BATCH; index++) publisher.publish(CHANNEL, TYPE, payload)
    }
    const [stringify, parse, deliver] = measure([...json, { prepare, run: () => subscriber.poll() }], batches)
    return { stringify, parse, deliver }
  },
}

const job = JSON.parse(process.argv[2])
const { info: directory, stop } = start()
const result = await jobs[job.job]({ ...job, directory })
stop()
// What was computed is used, so that no loop is optimised away.
process.send({ ...result, isUsed: sink !== 0 }, () => process.exit(0))
