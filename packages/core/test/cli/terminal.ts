/**
 * A user at a terminal: runs the built command line as processes of its own, into pipes and on a pseudo terminal.
 *
 * Every terminal has a fresh directory for zones. What a test left running is killed after it, and the directory removed.
 */
import { jest } from '@jest/globals'
import { type ChildProcess, type StdioOptions, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { type OpenOptions, WorkerEvents } from '../../src/index.js'
import { until } from '../expectations.js'
import { makeDirectory, removeDirectories } from '../subjects.js'

const main = path.join(import.meta.dirname, '../../bin/worker-events.js')

/** How a process ended, and all that it wrote. */
export interface Ending {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process that runs. */
export class Running {
  stdout = ''
  stderr = ''
  readonly child: ChildProcess
  readonly ended: Promise<Ending>
  #hasEnded = false

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = once(child, 'close').then(([status]: (number | null)[]) => {
      this.#hasEnded = true
      return { status, stdout: this.stdout, stderr: this.stderr }
    })
  }

  /** Resolves when something holds of what the process has written; fails if the process ends before. */
  async until(holds: () => boolean): Promise<void> {
    await until(() => holds() || this.#hasEnded)
    expect(holds() || { status: this.child.exitCode, stdout: this.stdout, stderr: this.stderr }).toBe(true)
  }

  /** Resolves when the process has written so many lines. */
  async lines(count: number): Promise<string[]> {
    await this.until(() => linesOf(this.stdout).length >= count)
    return linesOf(this.stdout)
  }

  /** Stops the process; resolves when it stands still. */
  async stop(): Promise<void> {
    this.signal('SIGSTOP')
    await this.until(() => /^\d+ \(.*\) T/.test(fs.readFileSync(`/proc/${String(this.child.pid)}/stat`, 'utf8')))
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }
}

/** The lines of a text that are complete. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).slice(0, -1)
}

/** The JSON objects of a text that has one a line. */
export function objectsIn(text: string): Record<string, unknown>[] {
  return linesOf(text).map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** A cluster of real processes that use a zone. */
export class Cluster {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
  }

  async #ask<Answer>(order: object): Promise<Answer> {
    const answered = once(this.#child, 'message')
    this.#child.send(order)
    const [answer] = (await answered) as [Answer]
    return answer
  }

  /** Kills the workers; resolves when they are gone. */
  async end(): Promise<void> {
    await this.#ask({ name: 'end' })
  }

  /** Resolves with the process ids of the workers when all have opened the zone. */
  pids(): Promise<number[]> {
    return this.#ask({ name: 'pids' })
  }

  /** Has the first worker publish; resolves with the generation. */
  async publish(...event: unknown[]): Promise<number> {
    const [generation] = await this.#ask<number[]>({ name: 'publish', event })
    return generation
  }

  /** The same with the payload as JSON text. */
  async publishText(channel: string, type: string, text: string): Promise<void> {
    await this.#ask({ name: 'publishText', event: [channel, type, text] })
  }

  /** What each worker has received, once together they have received so many events. */
  received(count: number): Promise<Record<string, unknown>[][]> {
    return this.#ask({ name: 'received', count })
  }
}

export class Terminal {
  readonly directory = makeDirectory()
  readonly #children: ChildProcess[] = []
  readonly #handles: WorkerEvents[] = []
  readonly #clusters: Cluster[] = []

  /** Starts `worker-events` with pipes for its output. */
  start(...args: string[]): Running {
    return this.#spawn(process.execPath, [main, ...args])
  }

  /** Runs `worker-events` to its end. */
  async run(...args: string[]): Promise<Ending> {
    return this.start(...args).ended
  }

  /** Starts a line of shell, in which `$WE` is the command line. */
  startShell(line: string): Running {
    return this.#spawn('bash', ['-c', line])
  }

  /** The same on a pseudo terminal, whose keyboard is the child's standard input. */
  startOnTty(line: string): Running {
    return this.#spawn('script', ['-qec', line, '/dev/null'], 'pipe')
  }

  /** Runs a line on a pseudo terminal to its end. */
  async runOnTty(line: string): Promise<Ending> {
    return this.startOnTty(line).ended
  }

  /** Opens a zone in this process, with a small ring; what is published is read by `poll()` alone. */
  open(options: Partial<OpenOptions> = {}): WorkerEvents {
    const place = { zone: 'bus', directory: this.directory, ringSize: 8, maxWorkers: 4, uniqueKeys: 8 }
    const bus = WorkerEvents.open({ ...place, lifecycle: false, pollInterval: 0, ...options })
    this.#handles.push(bus)
    return bus
  }

  /** Starts a cluster of two workers that use zone `bus`, and waits until both do. */
  async startCluster(): Promise<Cluster> {
    const child = fork(path.join(import.meta.dirname, 'cluster.mjs'), { env: this.#environment() })
    this.#children.push(child)
    const cluster = new Cluster(child)
    this.#clusters.push(cluster)
    await cluster.pids()
    return cluster
  }

  /** Closes the handles of this process. */
  closeAll(): void {
    for (const bus of this.#handles.splice(0)) bus.close()
  }

  async end(): Promise<void> {
    this.closeAll()
    for (const cluster of this.#clusters.splice(0)) await cluster.end()
    const living = this.#children.splice(0).filter((child) => child.exitCode === null && child.signalCode === null)
    await Promise.all(
      living.map(async (child) => {
        const closed = once(child, 'close')
        child.kill('SIGKILL')
        await closed
      }),
    )
    removeDirectories()
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, WORKER_EVENTS_DIR: this.directory, WE: `${process.execPath} ${main}` }
  }

  #spawn(command: string, args: string[], stdin: 'ignore' | 'pipe' = 'ignore'): Running {
    const stdio: StdioOptions = [stdin, 'pipe', 'pipe']
    const child = spawn(command, args, { stdio, env: this.#environment() })
    this.#children.push(child)
    return new Running(child)
  }
}

/** How long a test may take, in milliseconds: it starts several processes, and others use the machine too. */
const PATIENCE = 30_000

/** A terminal for each test. */
export function terminalOfEachTest(): { readonly now: Terminal } {
  jest.setTimeout(PATIENCE)
  const current = { now: undefined as unknown as Terminal }
  beforeEach(() => {
    current.now = new Terminal()
  })
  afterEach(() => current.now.end())
  return current
}
