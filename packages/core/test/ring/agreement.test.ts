/**
 * What all readers agree on, whatever happens: random histories of publishes of all sizes, of writers that stop before
 * and after labelling, come back or die, of workers that come and go, and of readers that read when they like; on a
 * small ring whose laps wrap, and on a clock that jumps.
 *
 * Forbidden: a torn event, an event twice or out of order, two readers with different events at one generation, an event
 * of a publish that failed, an event that is neither delivered nor reported as missed, and a slot that nobody can have
 * any more.
 */
import fc from 'fast-check'
import type { WorkerEvents } from '../../src/index.js'
import { cursorOf } from '../../src/registry.js'
import { coded } from '../expectations.js'
import type { Participant } from '../participant.js'
import { type Subject, type TestZone, describeOnBothRegions } from '../subjects.js'

interface Publish {
  readonly does: 'publish' | 'publish, stopped after labelling' | 'publish, stopped before labelling'
  readonly who: number
  readonly length: number
  /** What the others do while the publisher is stopped. */
  readonly others: number
}

interface Hold {
  readonly does: 'stall' | 'draw' | 'come back' | 'die'
  readonly who: number
  readonly span: number
}

type Step =
  Publish | Hold | { readonly does: 'read'; readonly who: number } | { readonly does: 'wait'; readonly time: number }

const who = fc.nat(2)
const length = fc.oneof(fc.nat(120), fc.nat(1200))
const others = fc.nat(30)
const span = fc.integer({ min: 1, max: 3 })
const does = <const Does>(...kinds: Does[]): fc.Arbitrary<Does> => fc.constantFrom(...kinds)
const stopped = does('publish, stopped after labelling', 'publish, stopped before labelling')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: does('publish'), who, length, others }) },
  { weight: 4, arbitrary: fc.record({ does: stopped, who, length, others }) },
  { weight: 2, arbitrary: fc.record({ does: does('stall', 'draw'), who, span }) },
  { weight: 4, arbitrary: fc.record({ does: does('come back', 'die'), who, span }) },
  { weight: 5, arbitrary: fc.record({ does: does('read'), who }) },
  { weight: 3, arbitrary: fc.record({ does: does('wait'), time: fc.nat(30) }) },
)

/** What one reader saw: generations in the order in which they were delivered or reported lost. */
interface Log {
  readonly events: { readonly generation: number; readonly payload: unknown }[]
  readonly lost: { readonly from: number; readonly to: number }[]
}

/** Three writers driven by hand and two workers that read, on one zone. */
class History {
  readonly published = new Map<number, string>()
  readonly readers: readonly WorkerEvents[]
  readonly logs: Log[] = []
  readonly #zone: TestZone
  readonly #writers: Participant[]
  readonly #held: number[][] = [[], [], []]
  #clock = 1000
  #count = 0

  constructor(subject: Subject, ringSize: number, waitMax: number) {
    this.#zone = subject.makeZone({ ringSize, entryPayload: 20, maxWorkers: 5 })
    this.readers = [this.#open(waitMax), this.#open(waitMax)]
    this.#writers = [this.#zone.join(), this.#zone.join(), this.#zone.join()]
  }

  #open(waitMax: number): WorkerEvents {
    const log: Log = { events: [], lost: [] }
    this.logs.push(log)
    const bus = this.#zone.open({ waitMax, onMissed: (missed) => log.lost.push(missed) })
    bus.subscribe((payload, { generation }) => log.events.push({ generation, payload }))
    return bus
  }

  /** Runs the steps on a clock of its own, and everything that follows until nothing moves any more. */
  run(steps: readonly Step[]): void {
    const now = performance.now.bind(performance)
    performance.now = () => this.#clock
    try {
      for (const each of steps) this.#take(each)
      for (const at of [0, 1, 2]) this.#hold({ does: at === 1 ? 'die' : 'come back', who: at, span: 1 })
      // Drawn generations are decided one by one, each after its wait.
      for (let rounds = 0; rounds < 400 && !this.#isRead(); rounds++) {
        this.#clock += 200
        for (const reader of this.readers) reader.poll()
      }
      for (const writer of this.#writers) writer.leave()
    } finally {
      performance.now = now
    }
  }

  #isRead(): boolean {
    const head = this.#writers[0].zone.head()
    return this.readers.every(({ worker }) => cursorOf(this.#writers[0].zone, worker) === head)
  }

  #take(step: Step): void {
    this.#clock += 2
    if (step.does === 'wait') this.#clock += step.time
    else if (step.does === 'read') this.readers[step.who % 2].poll()
    else if ('length' in step) this.#publish(step)
    else this.#hold(step)
  }

  #hold({ does, who, span }: Hold): void {
    const writer = this.#writers[who]
    const held = this.#held[who]
    if (does === 'draw') writer.draw(span)
    // A writer that is stopped publishes nothing more, but this one may: it holds these slots for ever, then.
    else if (does === 'stall' && held.length === 0) held.push(...this.#stall(writer, span))
    else if (does === 'come back') for (const generation of held.splice(0)) writer.letGo(generation)
    else if (does === 'die') {
      held.length = 0
      writer.die()
      this.#writers[who] = this.#zone.join()
    }
  }

  #stall(writer: Participant, span: number): number[] {
    const first = writer.draw(span)
    const labelled: number[] = []
    for (let generation = first; generation < first + span; generation++) {
      if (!writer.tryLabel(generation)) break
      labelled.push(generation)
    }
    return labelled
  }

  /** What the others do while one is stopped. */
  #others(stopped: number, count: number): void {
    for (let each = 0; each < count; each++) {
      const who = (stopped + 1 + (each % 2)) % 3
      if (each % 7 === 6) this.readers[each % 2].poll()
      else this.#publish({ does: 'publish', who, length: (each * 37) % 300, others: 0 })
      this.#clock += 3
    }
  }

  #publish({ does, who, length, others }: Publish): void {
    const writer = this.#writers[who]
    const text = this.#text(who, length)
    const meanwhile = (): void => this.#others(who, others)
    try {
      const generation =
        does === 'publish'
          ? writer.write(text)
          : does === 'publish, stopped after labelling'
            ? writer.writeStoppedAfterLabelling(meanwhile, text)
            : writer.writeStoppedBeforeLabelling(meanwhile, text)
      this.published.set(writer.zone.publicOf(generation), text)
    } catch (error) {
      expect(error).toEqual(coded('ERR_RING_BUSY'))
    }
  }

  /** A text like no other, which shows by itself whether it is whole. */
  #text(who: number, length: number): string {
    const name = `${who}:${this.#count++}:`
    const most = this.readers[0].maxPayload - 2
    return JSON.stringify(name + String(who).repeat(Math.max(0, Math.min(length, most - name.length))))
  }
}

function check({ published, logs, readers }: History): void {
  for (const { events, lost } of logs) {
    const generations = events.map(({ generation }) => generation)
    expect(generations).toEqual([...new Set(generations)].sort((one, two) => one - two))
    for (const { generation, payload } of events) expect(JSON.stringify(payload)).toBe(published.get(generation))
    const delivered = new Set(generations)
    const isLost = (generation: number): boolean => lost.some(({ from, to }) => from <= generation && generation <= to)
    const unaccounted = [...published.keys()].filter((generation) => !delivered.has(generation) && !isLost(generation))
    expect(unaccounted).toEqual([])
    for (const generation of generations) expect(isLost(generation)).toBe(false)
  }
  for (const { workers, newestGeneration } of readers.map((reader) => reader.inspect())) {
    expect(workers.map(({ cursor }) => cursor)).toEqual(workers.map(() => newestGeneration))
  }
}

describeOnBothRegions('all readers of a ring', (subject) => {
  it('agree on every generation, miss nothing that is not reported, and leave no slot held', () => {
    let wrapped = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }),
        fc.constantFrom(0, 10),
        fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
        (ringSize, waitMax, steps) => {
          const history = new History(subject, ringSize, waitMax)
          history.run(steps)
          check(history)
          const [reader] = history.readers
          if (reader.inspect().newestGeneration > 3 * ringSize) wrapped++
          reader.configure({ publishRetries: 0 })
          for (let count = 0; count < 2 * ringSize; count++) expect(reader.publish('c', 't')).toBeGreaterThan(0)
          for (const each of history.readers) each.close()
        },
      ),
      { numRuns: 40 },
    )
    expect(wrapped).toBeGreaterThan(25)
  }, 20_000)
})
