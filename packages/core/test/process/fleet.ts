/**
 * A fleet: the real processes of one test, and the fresh directory that their zones live in.
 *
 * Each process runs a script beside this file against the built package and takes orders by IPC (`orders.mjs`). Processes
 * are stopped and killed by real signals. Whatever a test left running is killed after it, and the directory removed.
 */
import { jest } from '@jest/globals'
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const here = import.meta.dirname
const memoryBacked = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

/** How long a condition may take to come true before a test fails, in milliseconds: all take a moment when nobody disturbs. */
const PATIENCE = 20_000

jest.setTimeout(4 * PATIENCE)

/** An error that an order was answered with. */
export class OrderError extends Error {
  readonly code: string | undefined

  constructor({ code, message }: { code?: string; message: string }) {
    super(message)
    this.code = code
  }
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { code?: string; message: string }
}

interface Pending {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One process of the fleet. */
export class Member {
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  #orders = 0
  /** Everything that the process wrote to its standard error. */
  stderr = ''
  /** Resolves when the process is gone, however it went. */
  readonly ended: Promise<Ending>
  hasEnded = false

  constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    child.on('message', (answer: Answer) => {
      this.#settle(answer)
    })
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#end({ code, signal })
        resolve({ code, signal })
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Has an order carried out; rejects with an {@link OrderError} if it failed, and if the process ends meanwhile. */
  async order<Result = unknown>(name: string, ...given: unknown[]): Promise<Result> {
    const id = ++this.#orders
    const answered = new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
    })
    // One who has just died cannot be told anything: its end, which is heard a moment later, rejects what was asked.
    if (!this.hasEnded) this.#child.send({ id, name, given }, () => undefined)
    else this.#pending.get(id)?.reject(new Error(`the process is gone: ${this.stderr}`))
    return answered
  }

  /** Resolves when the script takes orders. */
  async ready(): Promise<this> {
    await this.order('ready')
    return this
  }

  /** Ends the process by a signal that it cannot catch. */
  async kill(): Promise<Ending> {
    if (this.hasEnded) throw new Error(`the process had ended by itself: ${this.stderr}`)
    process.kill(this.pid, 'SIGKILL')
    return this.ended
  }

  /** Stops the process, wherever it is; resolves when the kernel says that it stands still. */
  async stop(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP')
    await until('the process stands still', () => stateOf(this.pid) === 'T', PATIENCE, 1)
  }

  /** Lets a stopped process go on. */
  resume(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  #settle({ id, result, error }: Answer): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) pending?.resolve(result as never)
    else pending?.reject(new OrderError(error))
  }

  #end({ code, signal }: Ending): void {
    this.hasEnded = true
    const how = `the process ended with code ${String(code)}, signal ${String(signal)}: ${this.stderr}`
    for (const { reject } of this.#pending.values()) reject(new Error(how))
    this.#pending.clear()
  }
}

/** State letter of a process as the kernel shows it. */
function stateOf(pid: number): string | undefined {
  return /\) (\S)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
}

/** The processes of one test. */
export class Fleet {
  /** Fresh, memory-backed if possible, and only this user's. */
  readonly directory = fs.mkdtempSync(path.join(memoryBacked, 'worker-events-test-'))
  readonly #members = new Set<Member>()

  /** Starts a process; resolves when it takes orders. */
  async launch(script: string, options: ForkOptions = {}): Promise<Member> {
    return this.start(script, [], options).ready()
  }

  /** Starts a process whose script may never take orders. */
  start(script: string, args: readonly string[] = [], options: ForkOptions = {}): Member {
    const env = { ...process.env, NODE_OPTIONS: '', WORKER_EVENTS_DIR: this.directory }
    const stdio: ForkOptions['stdio'] = ['ignore', 'ignore', 'pipe', 'ipc']
    const child = fork(path.join(here, script), args, {
      env,
      execArgv: [],
      serialization: 'advanced',
      stdio,
      ...options,
    })
    const member = new Member(child)
    this.#members.add(member)
    return member
  }

  /** Starts several processes of one script at once. */
  async launchAll(count: number, script: string): Promise<Member[]> {
    return Promise.all(Array.from({ length: count }, () => this.launch(script)))
  }

  /** Kills what still runs, stopped or not, and removes the directory. */
  async disband(): Promise<void> {
    await Promise.all([...this.#members].map((member) => (member.hasEnded ? member.ended : member.kill())))
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Gives each test of the surrounding `describe` or file a fleet of its own, and disbands it after the test. */
export function fleetOfEachTest(): { readonly now: Fleet } {
  const holder: { now: Fleet } = { now: undefined as never }
  beforeEach(() => {
    holder.now = new Fleet()
  })
  afterEach(async () => {
    await holder.now.disband()
  })
  return holder
}

/** Resolves when the condition holds; fails, naming it, when it does not come true in time. */
export async function until(
  condition: string,
  holds: () => boolean | Promise<boolean>,
  patience = PATIENCE,
  every = 5,
): Promise<void> {
  const deadline = performance.now() + patience
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${patience} ms: ${condition}`)
    await delay(every)
  }
}
