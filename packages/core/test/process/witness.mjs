/**
 * A worker that publishes payloads which prove themselves, reads and checks everybody's, and writes down all that happens,
 * a record at a time, in a file that outlives it.
 */
import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import process from 'node:process'
import { setImmediate, setTimeout } from 'node:timers'
import { WorkerEvents } from '../../bundle/index.js'
import { Evidence, confirmed, typeOf } from './evidence.mjs'
import { obey } from './orders.mjs'
import { randomFrom } from './random.mjs'
import { Kind } from './record.mjs'

let bus
let evidence
let log
let records = []
let isPublishing = false
const progress = { published: 0, received: 0, missed: 0 }

function now() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

function record(kind, generation, first = 0, second = 0) {
  if (records.length === 0) setImmediate(flush)
  records.push(kind, generation, first, second, now())
}

function flush() {
  if (records.length > 0) fs.writeSync(log, Buffer.from(Float64Array.from(records).buffer))
  records = []
}

function check(payload, event) {
  const claim = confirmed(payload, event)
  progress.received++
  if (claim === undefined) record(Kind.TORN, event.generation, event.worker)
  else record(Kind.RECEIVED, event.generation, claim.publisher, claim.counter)
}

function lost({ from, to, count }) {
  progress.missed += count
  record(Kind.MISSED, from, to, count)
}

/** Publishes so many events; returns the generation of the last. */
function publish(count) {
  let generation = 0
  for (let left = count; left > 0; left--) {
    const counter = progress.published + 1
    generation = bus.publish('storm', typeOf(counter), evidence.payload(counter))
    record(Kind.PUBLISHED, generation, evidence.publisher, counter)
    progress.published = counter
  }
  return generation
}

/** Bursts and, if `pause` is more than 0, pauses; small payloads and large ones: nothing about it is regular. */
function publishOn(random, pause) {
  if (!isPublishing) return
  publish(1 + Math.floor(random() * 20))
  flush()
  if (pause === 0) setImmediate(publishOn, random, pause)
  else setTimeout(publishOn, random() * pause, random, pause)
}

obey({
  begin({ number, seed, file, options, reads, publishes, pause }) {
    log = fs.openSync(file, 'a')
    const onError = () => record(Kind.FAILED, 0)
    bus = WorkerEvents.open({ zone: 'storm', onMissed: lost, onError, ...options })
    if (reads) bus.subscribe('storm', check)
    if (reads) record(Kind.BEGAN, 0)
    const random = randomFrom(seed)
    evidence = new Evidence(number, bus.maxPayload - 300, random)
    isPublishing = publishes
    publishOn(random, pause)
    return bus.worker
  },
  publish,
  progress: () => progress,
  /** Publishes no more. */
  quiet() {
    isPublishing = false
  },
  /** What it has yet to read of all that was drawn. What is shown as newest may stand before an undecided entry. */
  unread: () => bus.session.last.zone.head() - bus.session.last.reader.cursor,
  /** How far this worker has read. */
  cursor: () => bus.inspect({ limit: 1 }).workers.find(({ id }) => id === bus.worker).cursor,
  inspect: () => bus.inspect({ limit: 1 }),
  /** Everything that this worker wrote down is in its file. */
  flush,
})
