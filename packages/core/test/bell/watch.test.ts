/** The wires: the bell file, and the timer that stands in where it cannot be watched. */
import fs from 'node:fs'
import path from 'node:path'
import { TimerWire } from '../../src/bell/timer.js'
import { WatchWire } from '../../src/bell/watch.js'
import { WorkerEvents } from '../../src/index.js'
import { recordAll, turns, until } from '../expectations.js'
import { makeDirectory, removeDirectories } from '../subjects.js'

afterEach(removeDirectories)

function bellFile(): string {
  const file = path.join(makeDirectory(), 'bell')
  fs.writeFileSync(file, '\0')
  return file
}

describe('a bell file', () => {
  it('never grows, however often it is struck', async () => {
    const file = bellFile()
    let heard = 0
    const wire = new WatchWire(file, () => heard++)
    wire.listen()
    for (let count = 0; count < 100; count++) wire.strike()
    await until(() => heard > 0)
    wire.close()
    expect(fs.statSync(file).size).toBe(1)
  })

  it('that is a symbolic link is not opened', () => {
    const file = bellFile()
    const link = `${file}.link`
    fs.symlinkSync(file, link)
    expect(() => new WatchWire(link, () => undefined)).toThrow('ELOOP')
  })
})

describe('waiting for others', () => {
  it('strikes for those who look now and then only, and so have no ticket', async () => {
    const directory = makeDirectory()
    const place = { zone: 'bus', directory, pollInterval: 0, lifecycle: false }
    const [writer, reader] = [WorkerEvents.open(place), WorkerEvents.open(place)]
    let strikes = 0
    const bell = fs.readdirSync(directory).find((file) => file.endsWith('.bell')) ?? ''
    const watcher = fs.watch(path.join(directory, bell), () => strikes++)
    writer.publish('c', 't')
    writer.poll()
    const drained = writer.drained()
    await until(() => strikes > 0)
    reader.poll()
    await drained
    watcher.close()
    for (const bus of [writer, reader]) bus.close()
  })
})

/** Runs `act` where inotify is exhausted, as it is with 128 instances, and gives the warnings that came of it. */
async function withoutInotify(act: () => Promise<void>): Promise<unknown[][]> {
  const warnings: unknown[][] = []
  const watch = fs.watch.bind(fs)
  const warn = process.emitWarning.bind(process)
  fs.watch = () => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  }
  process.emitWarning = (...args: unknown[]) => void warnings.push(args)
  try {
    await act()
  } finally {
    fs.watch = watch
    process.emitWarning = warn
  }
  return warnings
}

describe('a worker whose bell file cannot be watched', () => {
  it('is awake every few milliseconds instead, goes on striking for others, and warns once', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false, pollInterval: 60_000 }
    const watching = WorkerEvents.open(place)
    const warnings = await withoutInotify(async () => {
      const deaf = [WorkerEvents.open(place), WorkerEvents.open(place)] as const
      const seen = [recordAll(watching), recordAll(deaf[0]), recordAll(deaf[1])]
      await turns()
      watching.publish('c', 't', 1)
      await until(() => seen.every((events) => events.length === 1))
      deaf[0].publish('c', 't', 2)
      await until(() => seen.every((events) => events.length === 2))
      for (const bus of deaf) bus.close()
    })
    watching.close()
    expect(warnings).toEqual([
      [
        expect.stringContaining('EMFILE'),
        { code: 'WORKER_EVENTS_NO_WATCH', detail: expect.stringContaining('max_user_instances') as string },
      ],
    ])
  })
})

describe('the timer wire', () => {
  it('looks again and again while it listens, and not before or after', async () => {
    const heard = [0, 0]
    const [one, two] = [0, 1].map((index) => new TimerWire(() => heard[index]++))
    one.strike()
    two.listen()
    await until(() => heard[1] >= 2)
    expect(heard[0]).toBe(0)
    one.listen()
    one.listen()
    await until(() => heard[0] >= 3)
    one.mute()
    const before = [...heard]
    await until(() => heard[1] >= before[1] + 3)
    expect(heard[0]).toBe(before[0])
    two.close()
  })
})
