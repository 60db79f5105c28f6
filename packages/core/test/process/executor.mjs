/** A worker that competes for unique events, and can be held at the two moments that matter when it is killed there. */
import fs from 'node:fs'
import process from 'node:process'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { WorkerEvents } from '../../bundle/index.js'
import { obey } from './orders.mjs'

const idle = new Int32Array(new SharedArrayBuffer(4))
let bus
const executed = []

function execute(payload, { generation }) {
  executed.push(generation)
  if (payload?.holdInHandler !== undefined) hold(payload.holdInHandler)
}

/** The first process that comes here leaves its id in the file, and stays for ever. */
function hold(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    return
  }
  Atomics.wait(idle, 0, 0)
}

/** Between winning an event and calling its first handler, a worker parses the payload: there it can be held. */
function holdWhereParsing() {
  const { parse } = JSON
  JSON.parse = (text, ...rest) => {
    const payload = parse(text, ...rest)
    if (payload?.holdBeforeHandler !== undefined) hold(payload.holdBeforeHandler)
    return payload
  }
}

function now() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** Publishes every key once; tells of those that it won, and between which two moments it did. */
async function race(keys, won) {
  for (let key = 0; key < keys; key++) {
    const before = now()
    const generation = bus.publish('job', 'run', { key }, { unique: `key-${key}` })
    if (generation > 0) won.push({ key, generation, before, after: now() })
    if (key % 100 === 99) await turn()
  }
}

obey({
  open(options, subscription = {}) {
    holdWhereParsing()
    bus = WorkerEvents.open({ zone: 'fleet', lifecycle: false, ...options })
    bus.subscribe('job', execute, subscription)
    return bus.worker
  },
  publish: (payload, key) => bus.publish('job', 'run', payload, { unique: key }),
  /** Races for all keys, again and again, from one moment until a round that begins after another. */
  async race({ keys, from, to }) {
    const won = []
    await delay(from - now())
    do await race(keys, won)
    while (now() < to)
    return won
  },
  poll: () => bus.poll(),
  executed: () => executed,
})
