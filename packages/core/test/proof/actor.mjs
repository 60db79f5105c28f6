/**
 * An actor: a process or a thread that takes part in a zone for real, and at one fault point of its life, if it is told to,
 * kills itself, stops itself, or waits to be terminated.
 *
 * It publishes payloads that prove themselves, checks everybody's, and remembers all that it published, received,
 * executed and lost, and its longest standstill.
 */
import fs from 'node:fs'
import process from 'node:process'
import { setImmediate, setInterval, setTimeout } from 'node:timers'
import { isMainThread, parentPort } from 'node:worker_threads'
import { randomFrom } from '../process/random.mjs'
import { arm, collectAtRandom, fillHeap } from './blows.mjs'
import { payloadFor, proven, typeOf } from './contents.mjs'
import { holdings, serve } from './serving.mjs'
import { settledHeap } from './settling.mjs'

const CHANNEL = 'proof'

let core
let bus
let role
let random
let counter = 0
let isPublishing = false
let isRestless = true
let punctuality
/** Of an actor that collects garbage again and again. */
let collecting
let log = emptyLog()

function emptyLog() {
  return { published: [], received: [], gaps: [], torn: [], errors: [], longest: 0, lastSeen: now() }
}

function now() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

const BEAT = 50
const LATE = 500
let lastBeat = now()
let lastUsage = process.cpuUsage()

/**
 * An actor that has something to read and does not get on stands still; unless the machine gave it no time: then its beat
 * is late, and it has used little.
 */
function beat() {
  const time = now()
  const { user, system } = process.cpuUsage(lastUsage)
  const wasStarved = time - lastBeat > BEAT + LATE && (user + system) / 1000 < (time - lastBeat) / 2
  lastBeat = time
  lastUsage = process.cpuUsage()
  if (bus === undefined || bus.closed) return
  const { reader, zone } = bus.session.last
  if (wasStarved || reader.cursor !== log.cursor || reader.cursor >= zone.head()) log.lastSeen = time
  log.cursor = reader.cursor
  log.longest = Math.max(log.longest, time - log.lastSeen)
}

/** An execution outlives its executor, so that nobody has to guess whether it took place. */
function testify(generation) {
  if (role.testimony !== undefined) fs.appendFileSync(role.testimony, `${generation}\n`)
}

function receive(payload, event) {
  const claim = proven(payload, event)
  if (claim === undefined) return void log.torn.push(event.generation)
  if (role.isForgetful) return
  if (event.unique !== undefined) testify(event.generation)
  log.received.push([event.generation, claim.publisher, claim.counter, event.unique === undefined ? 0 : 1])
}

function lengthOf() {
  const sort = random()
  if (sort < 0.7) return 1 + Math.floor(random() * role.small)
  // Up to the largest that the ring carries, with room for quotes and a key.
  return 1 + Math.floor(random() * Math.min(role.large, bus.maxPayload - 32))
}

/** The same payload, but garbage is collected while it is written. */
function slowly(payload) {
  const toJSON = () => {
    collecting.pause()
    return payload
  }
  return { toJSON }
}

function publishOne() {
  const length = lengthOf()
  const kind = 'abu'[Math.floor(random() * 3)]
  const event = {
    publisher: role.number,
    counter: ++counter,
    kind,
    length: kind === 'u' ? Math.ceil(length / 4) : length,
  }
  const type = typeOf(event.publisher, event.counter, event.kind, event.length)
  const unique =
    role.keys > 0 && counter % 4 === 0
      ? `key-${Math.floor(random() * role.keys)}-${Math.floor(now() / 500)}`
      : undefined
  const payload = payloadFor(event)
  const given = collecting !== undefined && kind !== 'b' && random() < 0.02 ? slowly(payload) : payload
  const before = now()
  try {
    const generation = bus.publish(CHANNEL, type, given, unique === undefined ? undefined : { unique })
    if (!role.isForgetful) log.published.push([generation, event.publisher, event.counter, before, now(), unique ?? ''])
  } catch (error) {
    if (!['ERR_RING_BUSY', 'ERR_RING_FULL', 'ERR_UNIQUE_FULL', 'ERR_CLOSED'].includes(error.code)) throw error
  }
}

/** Bursts and pauses; nothing about it is regular. */
function publishAll() {
  if (!isPublishing || bus.closed) return
  for (let left = 1 + Math.floor(random() * role.burst); left > 0; left--) publishOne()
  if (random() < 0.5) setImmediate(publishAll)
  else setTimeout(publishAll, random() * role.pause)
}

const orders = {
  async begin(given) {
    role = { small: 60, large: 700, burst: 4, pause: 4, keys: 3, ...given }
    random = randomFrom(role.seed + role.number)
    core = await import(`${role.build}/index.js`)
    if (role.heap > 0) fillHeap(role.heap)
    if (role.fault !== undefined) await arm(role.fault)
    if (role.collects > 0) collecting = collectAtRandom(random, role.collects)
    setInterval(beat, BEAT).unref()
    return orders[role.entrance ?? 'open'](role.open)
  },
  open(options) {
    const onMissed = ({ from, to }) => {
      if (!role.isForgetful) log.gaps.push([from, to])
    }
    const onError = ({ code, message }) => log.errors.push(`${code}: ${message}`)
    bus = core.WorkerEvents.open({ lifecycle: false, onMissed, onError, ...options })
    log.start = bus.inspect({ limit: 1 }).workers.find(({ id }) => id === bus.worker)?.cursor ?? 0
    if (role.reads !== false) bus.subscribe(CHANNEL, receive)
    isPublishing = role.publishes !== false
    if (isPublishing) publishAll()
    return bus.worker
  },
  makeMemory: async ({ build, options }) => (await import(`${build}/index.js`)).createZoneBuffer(options),
  /** Opens and closes handles without end: what happens only on joining and leaving is to happen now. */
  async rejoin() {
    while (isRestless) {
      bus.close()
      await new Promise(setImmediate)
      orders.open(role.open)
    }
  },
  /** Opens and closes a zone of alternating dimensions, which nobody else uses: it is replaced each time. */
  async replaceZones(options) {
    for (let ringSize = 8; isRestless; ringSize = 24 - ringSize) {
      core.WorkerEvents.open({ ...options, ringSize, lifecycle: false }).close()
      await new Promise(setImmediate)
    }
  },
  /** Makes a zone whose generations begin with this lap. */
  async found({ build, directory, zone, firstLap, dimensions }) {
    const { openFileRegion } = await import(`${build}/region/file.js`)
    const { defaultDimensions } = await import(`${build}/options.js`)
    const wanted = { ...dimensions }
    openFileRegion({ name: zone, directory, wanted, fallback: defaultDimensions, firstLap }).close()
  },
  /** Follows a clock that another strikes; without a slow poll, so that the bell alone wakes it. */
  listen(options) {
    punctuality = { received: 0, lost: 0, latest: 0, newest: 0 }
    const onMissed = ({ to, count }) => {
      punctuality.lost += count
      punctuality.newest = to
    }
    bus = core.WorkerEvents.open({ ...options, lifecycle: false, onMissed })
    bus.subscribe('clock', (time, { generation }) => {
      punctuality.received++
      punctuality.newest = generation
      punctuality.latest = Math.max(punctuality.latest, now() - time)
    })
  },
  /** Serves the endpoint of a bus; the port. */
  async serve(options) {
    const { api, bus: opened } = core.openWorkerEventsApi({ ...options, path: '/worker_events_api', channel: CHANNEL })
    bus = opened
    return serve(api)
  },
  holdings,
  punctuality: () => punctuality,
  /** Strikes the clock, with pauses from nothing to 200 microseconds and now and then a longer one; the last generation. */
  async strike(count) {
    let generation = 0
    for (let left = count; left > 0; left--) {
      generation = bus.publish('clock', 'tick', now())
      for (const end = now() + random() * 0.2; now() < end;);
      await new Promise(random() < 0.01 ? (resolve) => setTimeout(resolve, 1) : setImmediate)
    }
    return generation
  },
  /** Publishes under one key again and again; when each publish that won began and ended. */
  async race({ key, until }) {
    const wins = []
    while (now() < until) {
      for (let left = 20; left > 0; left--) {
        const before = now()
        if (bus.publish('race', 'try', undefined, { unique: key }) > 0) wins.push([before, now()])
      }
      await new Promise(setImmediate)
    }
    return wins
  },
  /** Opens a zone that others may have left half replaced. */
  probe(options) {
    const handle = core.WorkerEvents.open({ ...options, lifecycle: false })
    const generation = handle.publish(CHANNEL, 'probe')
    handle.close()
    return generation
  },
  publish(count) {
    for (let left = count; left > 0; left--) publishOne()
  },
  quiet() {
    isPublishing = isRestless = false
    return bus.inspect({ limit: 1 }).newestGeneration
  },
  resume() {
    log = { ...emptyLog(), start: bus.inspect({ limit: 1 }).newestGeneration }
    isPublishing = true
    publishAll()
  },
  /** What it has yet to read of all that was drawn. What is shown as newest may stand before an undecided entry. */
  unread: () => bus.session.last.zone.head() - bus.session.last.reader.cursor,
  newest: () => bus.inspect({ limit: 1 }).newestGeneration,
  workers: () => bus.inspect({ limit: 1 }).workers.map(({ id }) => id),
  log: () => ({ ...log, number: role.number, pid: process.pid }),
  pauses: () => collecting.pauses,
  /** Uses a processor for as long as it lives. */
  spin() {
    for (;;);
  },
  poll: () => bus.poll(),
  settledHeap,
  close: () => bus.close(),
  /** Opens handles until no place is left, and closes them again: every place that the dead held is swept. */
  sweep() {
    const handles = []
    try {
      for (;;) handles.push(core.WorkerEvents.open({ ...role.open, lifecycle: false, pollInterval: 0 }))
    } catch (error) {
      for (const handle of handles) handle.close()
      return { count: handles.length, code: error.code }
    }
  },
  /** Slots that are held at this moment, by place. */
  async holders() {
    const { isHeld, ownerIn } = await import(`${role.build}/layout.js`)
    const { states } = bus.session.last.zone
    return Array.from(states).filter(isHeld).map(ownerIn)
  },
}

const port = isMainThread ? undefined : parentPort
const answer = (message) => (port === undefined ? process.send(message) : port.postMessage(message))

async function obey({ id, name, given }) {
  try {
    answer({ id, result: await orders[name](...given) })
  } catch ({ code, message }) {
    answer({ id, error: { code, message } })
  }
}

if (port === undefined) {
  process.on('message', obey)
  process.on('disconnect', () => process.exit())
} else {
  port.on('message', obey)
}
