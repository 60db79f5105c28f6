import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'

// Starting processes takes its time on a busy machine.
jest.setTimeout(20_000)

type Told = readonly [what: string, ...rest: unknown[]]

let directory: string
const workers: Worker[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nest-cluster-'))
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill('SIGKILL')))
  rmSync(directory, { recursive: true, force: true })
})

/** A worker process, and what it has told so far. */
class Worker {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>

  constructor(options: object = {}) {
    const arg = JSON.stringify({ zone: 'bus', directory, lifecycle: false, ...options })
    this.#child = fork(join(import.meta.dirname, 'cluster', 'worker.mjs'), [arg])
    this.#exit = once(this.#child, 'exit')
    this.#child.on('message', (told: Told) => this.told.push(told))
    workers.push(this)
  }

  /** Resolves with the first it tells, from now or before, that begins so. */
  async tells(...start: readonly unknown[]): Promise<Told> {
    for (;;) {
      const found = this.told.find((told) =>
        start.every((part, index) => JSON.stringify(part) === JSON.stringify(told[index])),
      )
      if (found !== undefined) return found
      await once(this.#child, 'message')
    }
  }

  all(what: string): Told[] {
    return this.told.filter(([first]) => first === what)
  }

  send(...message: readonly unknown[]): void {
    this.#child.send(message)
  }

  async kill(signal: NodeJS.Signals): Promise<unknown[]> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
    return this.#exit
  }

  exit(): Promise<unknown[]> {
    return this.#exit
  }
}

async function start(count: number, options?: object): Promise<Worker[]> {
  const started = Array.from({ length: count }, () => new Worker(options))
  await Promise.all(started.map((worker) => worker.tells('up')))
  return started
}

describe('two worker processes', () => {
  it('both get in their handlers and observables what one of them publishes', async () => {
    const pair = await start(2)
    const [, id, pid] = await pair[0].tells('up')
    pair[0].send('publish', 'cache', 'purged', { tag: 'assets' })
    for (const worker of pair) {
      await worker.tells('handler', { tag: 'assets' }, id, pid)
      await worker.tells('observer', { tag: 'assets' }, id, pid)
      expect(worker.told).toHaveLength(worker === pair[0] ? 4 : 3)
    }
  })

  it('execute a unique event once between them', async () => {
    const [one, two] = await start(2)
    for (let run = 0; run < 20; run++) {
      for (const worker of [one, two]) worker.send('publish', 'jobs', 'run', run, { unique: `run ${run}` })
    }
    one.send('publish', 'cache', 'purged', 'last of one')
    two.send('publish', 'cache', 'purged', 'last of two')
    // Each comes after the runs that its worker published.
    await Promise.all([one, two].map((worker) => worker.tells('handler', 'last of two')))
    await Promise.all([one, two].map((worker) => worker.tells('handler', 'last of one')))
    const runs = [...one.all('unique'), ...two.all('unique')].map(([, run]) => run as number)
    expect(runs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, run) => run))
  })

  it('go on when one is killed', async () => {
    const [one, two] = await start(2)
    await two.kill('SIGKILL')
    one.send('publish', 'cache', 'purged', 'still here')
    await one.tells('observer', 'still here')
  })

  it('resync the one that has missed events', async () => {
    const [one, two] = await start(2, { ringSize: 8 })
    two.send('block', 300)
    for (let count = 0; count < 50; count++) one.send('publish', 'cache', 'other', count)
    await two.tells('missed', true)
  })
})

describe('a worker that is told to end', () => {
  it('by a signal completes its observables, waits for its handlers, and dies of the signal', async () => {
    const [worker] = await start(1)
    worker.send('publish', 'slow', 'x', 1)
    await worker.tells('slow begins', 1)
    const died = worker.kill('SIGTERM')
    worker.send('release')
    expect(await died).toEqual([null, 'SIGTERM'])
    const ends = worker.told.filter(([what]) => ['slow ends', 'completed'].includes(what))
    expect(ends.map(([what]) => what)).toEqual(['slow ends', 'completed'])
  })

  it('by close has nothing left that keeps its process running', async () => {
    const [worker] = await start(1)
    worker.send('close')
    expect(await worker.exit()).toEqual([0, null])
  })
})
