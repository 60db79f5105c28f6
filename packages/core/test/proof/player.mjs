/**
 * A player of a simulation: a thread that runs the production session. Only what surrounds it is simulated, so that a run
 * can be repeated: the clock, timers and turns of the event loop, and the kernel's proof of death. It holds still at each
 * fault point until the baton comes to it.
 */
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Baton, Order, Status, UMPIRE } from './baton.mjs'
import { payloadFor, proven, typeOf } from './contents.mjs'

const { build, control, port, self } = workerData
const baton = new Baton(control, self)
const CHANNEL = 'proof'

class Over extends Error {}

const loop = { immediates: [], timers: [], intervals: [], wait: undefined }
let isPlaying = false
let log
let passed
let holds = []

function fakeTimer(list, callback) {
  const timer = { callback, unref: () => timer }
  list.push(timer)
  return timer
}

function drop(timer) {
  for (const list of [loop.timers, loop.intervals]) {
    const at = list.indexOf(timer)
    if (at >= 0) list.splice(at, 1)
  }
}

globalThis.setImmediate = (callback) => void loop.immediates.push(callback)
globalThis.setTimeout = (callback) => fakeTimer(loop.timers, callback)
globalThis.setInterval = (callback) => fakeTimer(loop.intervals, callback)
globalThis.clearTimeout = globalThis.clearInterval = drop
performance.now = () => baton.now
process.hrtime = () => [Math.floor(baton.now / 1000), (baton.now % 1000) * 1e6]
Atomics.waitAsync = (words, index, value) => {
  baton.hear(self, value)
  return { async: true, value: { then: (heard) => (loop.wait = { words, index, value, heard }) } }
}
globalThis[Symbol.for('worker-events.fault')] = (point) => {
  if (!isPlaying) return
  passed[point] = (passed[point] ?? 0) + 1
  log.diedExecuting = point === 'claim.executing'
  yieldBaton(holds.find((hold) => hold.point === point && hold.pass === passed[point]))
}

const { Session } = await import(`${build}/session.js`)
const { Zone } = await import(`${build}/region/zone.js`)
const { Header } = await import(`${build}/layout.js`)

function yieldBaton(hold) {
  if (hold === undefined) baton.step()
  else baton.befall(hold.kind)
  if (baton.orderOf(self) !== Order.END) return
  isPlaying = false
  throw new Over()
}

/** The memory of a run; a place is held by a player, and free once that player is dead. */
class SimulatedRegion {
  bellPath = undefined
  #places = []

  constructor(memory) {
    this.zone = new Zone(memory)
  }

  take(place) {
    if (!this.isDead(place)) return false
    baton.hold(place, self)
    this.#places.push(place)
    return true
  }

  isDead(place) {
    const holder = baton.holderOf(place)
    return holder < 0 || baton.isDead(holder)
  }

  isBeingReplaced() {
    return false
  }

  standing() {
    return 'current'
  }

  close() {
    for (const place of this.#places) baton.hold(place, -1)
  }
}

let session
let counter

const acts = {
  open(memory, settings) {
    const open = () => new SimulatedRegion(memory)
    const onMissed = ({ from, to }) => log.gaps.push([from, to])
    const onError = ({ code, message }) => log.errors.push(`${code}: ${message}`)
    const given = { opening: { open, reopen: open }, settings: { ...settings, onMissed, onError }, lifecycle: false }
    session = new Session(given)
    log.start = session.current.zone.publicOf(session.current.reader.cursor)
    log.place = session.current.membership.worker
    session.subscribe(receive, {}, {})
  },
  publish({ length, kind, key }) {
    const event = { publisher: self, counter: ++counter, kind, length }
    const id = self * 1000 + counter
    const before = baton.now
    log.inFlight = id
    const pair = session.pairs.pair(CHANNEL, typeOf(self, counter, kind, length))
    try {
      const generation = session.publish(pair, payloadFor(event), key)
      log.published.push([id, generation, key ?? '', before, baton.now])
    } catch (error) {
      if (!['ERR_RING_BUSY', 'ERR_RING_FULL', 'ERR_UNIQUE_FULL'].includes(error.code)) throw error
      log.refused.push(id)
    }
    log.inFlight = 0
  },
}

function receive(payload, event) {
  const claim = proven(payload, event)
  const id = claim === undefined ? -1 : claim.publisher * 1000 + claim.counter
  log.received.push([event.generation, id, event.unique === undefined ? 0 : 1])
}

/** One turn of the event loop; false if there is nothing left to do before a strike. */
function turn(acts) {
  const { wait, immediates, timers } = loop
  if (wait !== undefined && Atomics.load(wait.words, wait.index) !== wait.value) wait.heard()
  else if (immediates.length > 0 && (acts.length === 0 || (counter + baton.steps) % 3 > 0)) immediates.shift()()
  else if (acts.length > 0) acts.shift()()
  else if (timers.length > 0) {
    baton.advance(20_000)
    timers.shift().callback()
  } else return false
  return true
}

function play({ memory, settings, script }) {
  const todo = [() => acts.open(memory, settings), ...script.map((act) => () => acts.publish(act))]
  const bell = new Int32Array(memory)
  baton.isStruck = (player) => Atomics.load(bell, Header.bell / 4) !== baton.heardBy(player)
  for (;;) {
    if (!turn(todo)) {
      const { reader, zone } = session.current
      baton.sleep(self, zone.publicOf(reader.cursor))
    }
    yieldBaton()
    baton.setStatus(self, Status.RUNNABLE)
    if (baton.orderOf(self) !== Order.TICK) continue
    baton.give(self, Order.PLAY)
    for (const { callback } of loop.intervals) callback()
  }
}

function begin(run) {
  for (const list of [loop.immediates, loop.timers, loop.intervals]) list.length = 0
  loop.wait = undefined
  log = { start: -1, place: -1, published: [], refused: [], received: [], gaps: [], errors: [], inFlight: 0 }
  passed = {}
  holds = run.holds
  counter = 0
  isPlaying = true
  try {
    play(run)
  } catch (error) {
    if (!(error instanceof Over)) log.errors.push(String(error.stack))
    if (!(error instanceof Over)) baton.setStatus(self, Status.ABSENT)
  }
  isPlaying = false
}

// From here on this thread never returns to its event loop: the baton is all that moves it.
parentPort.postMessage('ready')
for (;;) {
  baton.await()
  const { message } = receiveMessageOnPort(port)
  begin(message)
  port.postMessage({ log, passed })
  if (baton.orderOf(self) !== Order.END) {
    // It failed: the others go on, and it holds still until all is over.
    while (baton.orderOf(self) !== Order.END) baton.pass()
  }
  baton.passTo(UMPIRE)
}
