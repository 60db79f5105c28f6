/** What befalls an actor at a fault point. */
import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { setInterval } from 'node:timers'
import { Worker, parentPort } from 'node:worker_threads'
import { collect } from './settling.mjs'

const FAULT = Symbol.for('worker-events.fault')
const forever = new Int32Array(new SharedArrayBuffer(4))

/** There while an actor is held; who removes it lets the actor go on. */
const pauseFile = () => path.join(process.env.WORKER_EVENTS_DIR, `paused-${process.pid}`)

function holdUntilFileIsGone(step) {
  const file = pauseFile()
  fs.writeFileSync(file, '')
  while (fs.existsSync(file)) step()
}

const blows = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  break() {
    // A breakpoint is what this is for: the debugger that was attached holds the main thread here.
    // eslint-disable-next-line no-debugger
    debugger
  },
  /** Collects garbage, for as long as somebody wants. */
  collect: () => holdUntilFileIsGone(collect),
  /** Waits for others to freeze this process. */
  freeze: () => holdUntilFileIsGone(() => undefined),
  terminate() {
    parentPort.postMessage({ struck: true })
    Atomics.wait(forever, 0, 0)
  },
}

/** A debugger of the main thread: at a breakpoint it says so by a file, and goes on when that file is gone. */
const debuggerFor = (file) => `
  const fs = require('node:fs')
  const { Session } = require('node:inspector')
  const session = new Session()
  let isPaused = false
  session.connectToMainThread()
  session.on('Debugger.paused', () => {
    fs.writeFileSync(${JSON.stringify(file)}, '')
    isPaused = true
  })
  setInterval(() => {
    if (!isPaused || fs.existsSync(${JSON.stringify(file)})) return
    isPaused = false
    session.post('Debugger.resume')
  }, 5)
  session.post('Debugger.enable', () => require('node:worker_threads').parentPort.postMessage('ready'))`

async function attachDebugger() {
  const worker = new Worker(debuggerFor(pauseFile()), { eval: true })
  await new Promise((resolve) => worker.once('message', resolve))
  worker.unref()
}

/** Has the blow fall when the point is passed for the n-th time. */
export async function arm({ point, pass, blow }) {
  if (blow === 'break') await attachDebugger()
  let left = pass
  globalThis[FAULT] = (name) => {
    if (name !== point || --left !== 0) return
    globalThis[FAULT] = undefined
    blows[blow]()
  }
}

let hoard

/** Fills the heap with what is never garbage, in small pieces, each of which a collection has to look at. */
export function fillHeap(megabytes) {
  const PIECES_PER_MEGABYTE = 14_500
  hoard = Array.from({ length: megabytes }, () => {
    return Array.from({ length: PIECES_PER_MEGABYTE }, (_, index) => ({ index, piece: [index] }))
  })
  return hoard.length
}

/** Has garbage collected at any fault point whatsoever, when the lot says so; how often that was, and how long at most. */
export function collectAtRandom(random, share) {
  const pauses = { collections: 0, longest: 0 }
  const pause = () => {
    const before = process.hrtime.bigint()
    collect()
    pauses.collections++
    pauses.longest = Math.max(pauses.longest, Number(process.hrtime.bigint() - before) / 1e6)
  }
  globalThis[FAULT] = () => {
    if (random() < share) pause()
  }
  setInterval(pause, 200).unref()
  return { pauses, pause }
}
