/** The stage: the processes and threads of one drama, under one set of orders, and what is left to be cleared away. */
import { fork } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { URL, fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const SCRIPT = new URL('actor.mjs', import.meta.url)
const PATIENCE = 15_000

/** Resolves when the condition holds. @throws if that does not come true in time */
export async function until(what, holds, patience = PATIENCE) {
  const deadline = performance.now() + patience
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`)
    await delay(3)
  }
}

/** One actor, seen from outside; a process, or a thread of this one. */
export class Actor {
  #pending = new Map()
  #orders = 0
  #send
  stderr = ''
  /** True once a thread has come to the point where it waits to be terminated. */
  isStruck = false
  hasEnded = false

  constructor(send, ended) {
    this.#send = send
    this.ended = ended.then((how) => {
      this.hasEnded = true
      this.how = how
      for (const { reject } of this.#pending.values()) reject(new Error(`the actor is gone (${how}): ${this.stderr}`))
      this.#pending.clear()
      return how
    })
  }

  order(name, ...given) {
    const id = ++this.#orders
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return void reject(new Error(`the actor is gone: ${this.stderr}`))
      this.#pending.set(id, { resolve, reject })
      this.#send({ id, name, given })
    })
  }

  hear({ id, struck, result, error }) {
    if (struck === true) this.isStruck = true
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) pending?.resolve(result)
    else pending?.reject(Object.assign(new Error(error.message), { code: error.code }))
  }
}

/** A fresh directory, and all who play in it. */
export class Stage {
  directory = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'worker-events-proof-'))
  #actors = new Set()

  /** A process of its own. */
  process() {
    const env = { ...process.env, NODE_OPTIONS: '', WORKER_EVENTS_DIR: this.directory }
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc']
    const child = fork(fileURLToPath(SCRIPT), { env, execArgv: [], serialization: 'advanced', stdio })
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
    // One who has just died cannot be told anything: its end, which is heard a moment later, rejects what was asked.
    const actor = new Actor((message) => child.send(message, () => undefined), ended)
    child.stderr.setEncoding('utf8').on('data', (text) => (actor.stderr += text))
    child.on('message', (message) => actor.hear(message))
    actor.pid = child.pid
    actor.kill = () => {
      if (!actor.hasEnded) process.kill(child.pid, 'SIGKILL')
      return actor.ended
    }
    this.#actors.add(actor)
    return actor
  }

  /** A thread of this process. */
  thread() {
    const env = { ...process.env, WORKER_EVENTS_DIR: this.directory }
    const worker = new Worker(SCRIPT, { env, stderr: true })
    const ended = new Promise((resolve) => worker.once('exit', (code) => resolve(code)))
    const actor = new Actor((message) => worker.postMessage(message), ended)
    worker.stderr.setEncoding('utf8').on('data', (text) => (actor.stderr += text))
    worker.on('message', (message) => actor.hear(message))
    worker.on('error', (error) => (actor.stderr += String(error.stack)))
    actor.pid = process.pid
    actor.kill = async () => {
      await worker.terminate()
      return actor.ended
    }
    this.#actors.add(actor)
    return actor
  }

  /** Ends whoever is left, stopped or not, and removes the directory. */
  async clear() {
    await Promise.all([...this.#actors].map((actor) => actor.kill()))
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}

/** State letter of a process as the kernel shows it. */
export function stateOf(pid) {
  try {
    return /\) (\S)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
  } catch {
    return undefined
  }
}
