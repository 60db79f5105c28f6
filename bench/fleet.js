// A fleet: members on one transport, as processes, as threads or in this process, and what they say.
import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'
import { setupPrimary } from '@socket.io/cluster-adapter'
import { runMember } from './member.js'

const TICK = 10_000

/** Microseconds of CPU that a process has used, threads included. */
function cpuOf(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

/** What a member has said, by kind, until somebody hears it. */
class Mailbox {
  #said = new Map()

  #queue(kind) {
    if (!this.#said.has(kind)) this.#said.set(kind, { messages: [], listeners: [] })
    return this.#said.get(kind)
  }

  put(message) {
    const [[kind, said]] = Object.entries(message)
    const { messages, listeners } = this.#queue(kind)
    if (listeners.length > 0) listeners.shift()(said)
    else messages.push(said)
  }

  async take(kind) {
    const { messages, listeners } = this.#queue(kind)
    return messages.length > 0 ? messages.shift() : new Promise((resolve) => listeners.push(resolve))
  }
}

function forkMember(options) {
  cluster.setupPrimary({
    exec: new URL('member-process.js', import.meta.url).pathname,
    args: [JSON.stringify(options)],
  })
  const worker = cluster.fork()
  const said = new Mailbox()
  worker.on('message', (message) => {
    if (message.bench !== undefined) said.put(message.bench)
    // The relay of the cluster-ipc transport.
    else if (message.event !== undefined) for (const one of Object.values(cluster.workers)) one.send(message)
  })
  return { said, pid: worker.process.pid, order: (order) => worker.send(order), stop: () => worker.process.kill() }
}

function startThread(options) {
  const thread = new Worker(new URL('member-thread.js', import.meta.url), { workerData: options })
  const said = new Mailbox()
  thread.on('message', (message) => said.put(message))
  return { said, order: (order) => thread.postMessage(order), stop: () => thread.terminate() }
}

function runHere(options) {
  const said = new Mailbox()
  const orders = new EventEmitter()
  const control = {
    send: (message) => said.put(message),
    onOrder: (listener) => orders.on('order', listener),
  }
  void runMember(options, control)
  return { said, order: (order) => orders.emit('order', order), stop: () => undefined }
}

export class Fleet {
  #members
  #server

  static async start({ transport, workers, publishers }) {
    const { start, usesThreads, isOneProcess, usesCluster } = await import(`./transports/${transport}.js`)
    const fleet = new Fleet()
    fleet.#server = await start()
    if (usesCluster) setupPrimary()
    const make = isOneProcess ? runHere : usesThreads ? startThread : forkMember
    fleet.#members = Array.from({ length: workers }, (_, id) => {
      return make({ id, transport, info: fleet.#server.info, publishers })
    })
    await fleet.hear('ready')
    // Whoever is ready has subscribed, but servers and heartbeats may need a moment.
    await new Promise((resolve) => setTimeout(resolve, 200))
    return fleet
  }

  get info() {
    return this.#server.info
  }

  /** Microseconds of CPU of everybody: this process, the members and the servers between them. */
  cpu() {
    const members = this.#members.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
    return [process.pid, ...members, ...this.#server.pids].reduce((sum, pid) => sum + cpuOf(pid), 0)
  }

  order(orderFor) {
    this.#members.forEach((member, id) => member.order(orderFor(id)))
  }

  /** Resolves when members have said something of a kind; with what they said. */
  async hear(kind, members = this.#members) {
    return Promise.all(members.map(({ said }) => said.take(kind)))
  }

  async hearFirst(kind) {
    await this.hear(kind, this.#members.slice(0, 1))
  }

  async report() {
    const heard = this.hear('report')
    this.order(() => ({ order: 'report' }))
    return heard
  }

  async stop() {
    this.order(() => ({ order: 'close' }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await Promise.all(this.#members.map((member) => member.stop()))
    this.#server.stop()
  }
}
