/** A worker that does as it is told: opens a bus, publishes, and remembers all that it received and lost. */
import fs from 'node:fs'
import process from 'node:process'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { WorkerEvents } from '../../bundle/index.js'
import { obey } from './orders.mjs'

let bus
let isPublishing = false
let slowness = 0
const idle = new Int32Array(new SharedArrayBuffer(4))
const received = []
/** By name of a publisher: the highest of its events that has come. */
const latest = new Map()
const missed = []
const errors = []
const warnings = []
process.on('warning', ({ code }) => warnings.push(code))

/** Events of the test, as [generation, payload]; lifecycle events are kept apart by their channel. */
function remember(payload, event) {
  received.push({ ...event, payload })
  if (payload?.name !== undefined) latest.set(payload.name, Math.max(payload.counter, latest.get(payload.name) ?? -1))
  if (slowness > 0) Atomics.wait(idle, 0, 0, slowness)
  if (payload?.waiting === process.pid) waitAt(payload.gate)
}

/** A handler that does not return until the gate, a file, is there; it tells by another file that it waits. */
function waitAt(gate) {
  fs.writeFileSync(`${gate}-reached`, '')
  while (!fs.existsSync(gate)) Atomics.wait(idle, 0, 0, 5)
}

/** The last generation that was received or lost. */
function newest() {
  return Math.max(received.at(-1)?.generation ?? 0, missed.at(-1)?.to ?? 0)
}

function place() {
  return { worker: bus.worker, epoch: bus.epoch, capacity: bus.capacity, maxPayload: bus.maxPayload }
}

/** Opens the bus; `channel` is what is remembered, everything if it is not given. */
function open(options, channel = '*') {
  const onMissed = (gap) => missed.push(gap)
  const onError = ({ code, message }) => errors.push({ code, message })
  bus = WorkerEvents.open({ zone: 'fleet', lifecycle: false, onMissed, onError, ...options })
  bus.subscribe(channel, remember)
  return place()
}

obey({
  open,
  place,
  /** Opens at a moment of the clock that all processes share, in nanoseconds. */
  async openAt(moment, options) {
    await delay(Number(moment - process.hrtime.bigint()) / 1e6)
    return open(options)
  },
  /** Opens one more bus, and does nothing with it. */
  openMore: (options) => WorkerEvents.open({ lifecycle: false, ...options }).worker,
  /** The code with which the system refuses to watch a file; undefined if it does not. */
  watchRefusal(file) {
    try {
      fs.watch(file).close()
    } catch ({ code }) {
      return code
    }
  },
  /** Inodes of the zone files that this process has mapped, by the kernel's account. */
  mapped(directory) {
    const lines = fs.readFileSync('/proc/self/maps', 'utf8').split('\n')
    return lines.filter((line) => line.includes(directory)).map((line) => line.split(/\s+/)[4])
  },
  publish: (...given) => bus.publish(...given),
  /** Publishes numbered events, some in each turn of the event loop; returns their generations. */
  async publishMany({ name, count, perTurn }) {
    const generations = []
    for (let counter = 0; counter < count; counter++) {
      generations.push(bus.publish('load', 'item', { name, counter }))
      if (counter % perTurn === perTurn - 1) await turn()
    }
    return generations
  },
  /** The same until it is told to `pause`; returns how many. */
  async publishOn({ name, perTurn }) {
    let counter = 0
    for (isPublishing = true; isPublishing; await delay(1)) {
      for (let left = perTurn; left > 0; left--) bus.publish('load', 'item', { name, counter: counter++ })
    }
    return counter
  },
  /** The same, waiting for the others whenever they are behind by more than so many. */
  async publishPaced({ name, count, below }) {
    for (let counter = 0; counter < count; counter++) {
      await bus.drained({ below })
      bus.publish('load', 'item', { name, counter })
    }
  },
  /** Publishes until it is refused; returns how often it was not, and the error. */
  publishUntilRefused() {
    for (let count = 0; ; count++) {
      try {
        bus.publish('load', 'item', { count })
      } catch ({ code }) {
        return { count, code }
      }
    }
  },
  /** Has each event take so many milliseconds from now on. */
  slowDown(milliseconds) {
    slowness = milliseconds
  },
  pause() {
    isPublishing = false
  },
  /** Resolves when the last event of each of these has come, by name and count. */
  async heard(counts) {
    const isHeard = ([name, count]) => latest.get(name) >= count - 1
    while (!Object.entries(counts).every(isHeard)) await delay(5)
  },
  /** Resolves when an event was received or counted as missed, and so all before it. */
  async caughtUp(generation) {
    while (newest() < generation) await delay(2)
  },
  report: () => ({ received, missed, errors }),
  warnings: () => warnings,
  poll: () => bus.poll(),
  inspect: () => bus.inspect(),
  drained: (options) => bus.drained(options),
  close: () => bus.close(),
  /** Opens handles until the zone has no place left; how many, and the error that ended it. */
  fill(options) {
    for (let count = 0; ; count++) {
      try {
        WorkerEvents.open({ zone: 'fleet', lifecycle: false, ...options })
      } catch ({ code }) {
        return { count, code }
      }
    }
  },
})
