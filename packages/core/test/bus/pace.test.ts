/** Delivery by itself: woken by the bell, watched over by the slow poll, within a budget, and keeping nothing alive. */
import { setImmediate as turn } from 'node:timers/promises'
import type { WorkerEvents } from '../../src/index.js'
import { Header } from '../../src/layout.js'
import { publishMany, recordAll, turns, until } from '../expectations.js'
import { type TestZone, describeOnBothRegions } from '../subjects.js'

// So long that within a test nothing is delivered by it.
const NEVER = 600_000

describeOnBothRegions('a worker that delivers by itself', (subject) => {
  it('is woken by the bell, again and again, long before its slow poll', async () => {
    const zone = subject.makeZone()
    const [reader, writer] = [zone.open({ pollInterval: NEVER }), zone.open()]
    const seen = recordAll(reader)
    for (let count = 1; count <= 6; count++) {
      await turns()
      writer.publish('c', 't', count)
      await until(() => seen.length === count)
    }
  })

  it('delivers what it publishes itself, broadcast and local', async () => {
    const bus = subject.open({ pollInterval: NEVER })
    const seen = recordAll(bus)
    await turns()
    bus.publish('c', 't', 1)
    await until(() => seen.length === 1)
    await turns()
    bus.publishLocal('c', 't', 2)
    await until(() => seen.length === 2)
  })

  it('delivers what was published between opening and the first turn', async () => {
    const bus = subject.open({ pollInterval: NEVER })
    const seen = recordAll(bus)
    publishMany(bus, 5)
    await until(() => seen.length === 5)
  })

  it('begins a replay without anybody publishing', async () => {
    const bus = subject.open({ pollInterval: NEVER })
    publishMany(bus, 3)
    await turns()
    const generations: number[] = []
    bus.subscribe((_, { generation }) => generations.push(generation), { replay: 'all' })
    await until(() => generations.length === 3)
  })

  it('finds at its slow poll what no bell was rung for', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ pollInterval: 5 })
    const seen = recordAll(bus)
    await turns()
    // A publisher that dies between its commit and the bell.
    zone.join().write('1')
    await until(() => seen.length === 1)
  })

  it('goes on by itself past an entry that is not written, and past one that is not even labelled', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ pollInterval: NEVER, waitMax: 20 })
    const seen = recordAll(bus)
    const stopped = zone.join()
    await turns()
    stopped.stall()
    bus.publish('c', 't', 'after a label')
    await until(() => seen.length === 1)
    stopped.draw()
    bus.publish('c', 't', 'after a hole')
    await until(() => seen.length === 2)
  })

  it.each([
    { clock: 'stands still', step: 0, most: 256 },
    { clock: 'runs fast', step: 1, most: 48 },
  ])(
    'lets the event loop have its turn within a burst, by number and by time, where the clock $clock',
    async (budget) => {
      const now = performance.now.bind(performance)
      let clock = now()
      performance.now = () => (clock += budget.step)
      try {
        const bus = subject.open({ pollInterval: NEVER, ringSize: 4096 })
        const seen = recordAll(bus)
        publishMany(bus, 1000)
        const counts = [0]
        while (seen.length < 1000) {
          await turn()
          counts.push(seen.length)
        }
        const steps = counts.slice(1).map((count, index) => count - counts[index])
        expect(Math.max(...steps)).toBeLessThanOrEqual(budget.most)
        expect(Math.max(...steps)).toBeGreaterThan(1)
      } finally {
        performance.now = now
      }
    },
  )

  it('is still after its poll interval was set to 0, and goes on when it is set again', async () => {
    const zone = subject.makeZone()
    const [bus, lively] = [zone.open({ pollInterval: NEVER }), zone.open({ pollInterval: NEVER })]
    const seen = [recordAll(bus), recordAll(lively)] as const
    bus.publish('c', 't')
    await until(() => seen[0].length === 1 && seen[1].length === 1)
    bus.configure({ pollInterval: 0 })
    bus.publish('c', 't')
    bus.publishLocal('c', 't')
    await until(() => seen[1].length === 2)
    await turns()
    expect(seen[0]).toHaveLength(1)
    bus.configure({ pollInterval: NEVER })
    await until(() => seen[0].length === 3)
    lively.publish('c', 't')
    await until(() => seen[0].length === 4)
  })

  it('delivers nothing more once it is closed', async () => {
    const zone = subject.makeZone()
    const [bus, other] = [zone.open({ pollInterval: 1 }), zone.open({ pollInterval: 1 })]
    const seen = [recordAll(bus), recordAll(other)] as const
    other.publish('c', 't')
    bus.close()
    await until(() => seen[1].length === 1)
    other.publish('c', 't')
    await until(() => seen[1].length === 2)
    expect(seen[0]).toEqual([])
  })
})

describeOnBothRegions('a worker in a rush of events', (subject) => {
  const BURSTS = 20
  const now = performance.now.bind(performance)
  let clock: number

  beforeEach(() => {
    clock = now()
    performance.now = () => clock
  })

  afterEach(() => {
    performance.now = now
  })

  /** Publishes bursts with a pause after each that is long enough to fall asleep in; how often the reader did. */
  async function sleepsIn(
    zone: TestZone,
    [reader, writer]: readonly [WorkerEvents, WorkerEvents],
    perMillisecond: number,
  ): Promise<number> {
    const { i32 } = zone.region().zone
    const seen = recordAll(reader)
    const before = i32[Header.sleepTickets / 4]
    for (let burst = 1; burst <= BURSTS; burst++) {
      publishMany(writer, 40)
      clock += 40 / perMillisecond
      await until(() => seen.length === burst * 40)
      await turns()
    }
    return (i32[Header.sleepTickets / 4] - before) | 0
  }

  it.each([
    ['does not have itself woken for each burst', 40, 4096, false],
    ['does not look less often than its ring can bear', 40, 64, true],
    ['does so where events come slower', 20, 4096, true],
  ])('%s', async (_, perMillisecond, ringSize, sleeps) => {
    const zone = subject.makeZone({ ringSize })
    const count = await sleepsIn(zone, [zone.open({ pollInterval: NEVER }), zone.open()], perMillisecond)
    if (sleeps) expect(count).toBeGreaterThanOrEqual(BURSTS)
    // Until the rush was noticed.
    else expect(count).toBeLessThanOrEqual(2)
  })

  it('has itself woken again when the rush is over', async () => {
    const zone = subject.makeZone({ ringSize: 4096 })
    await sleepsIn(zone, [zone.open({ pollInterval: NEVER }), zone.open()], 40)
    const { i32 } = zone.region().zone
    const before = i32[Header.sleepTickets / 4]
    await until(() => {
      clock += 1
      return i32[Header.sleepTickets / 4] !== before
    })
  })
})

describeOnBothRegions('an open bus', (subject) => {
  /** What keeps the event loop alive, jest's own included. */
  const holds = (): number =>
    process.getActiveResourcesInfo().filter((kind) => /Timeout|FSEvent|Immediate/.test(kind)).length

  it.each([0, 5])(
    'with a poll interval of %i keeps the process running only if it is ref()ed',
    async (pollInterval) => {
      const bus = subject.open({ pollInterval })
      bus.subscribe(() => 1)
      bus.publish('c', 't')
      await turns()
      const before = holds()
      expect(bus.ref()).toBe(bus)
      expect(holds()).toBe(before + 1)
      bus.ref()
      expect(holds()).toBe(before + 1)
      expect(bus.unref()).toBe(bus)
      expect(holds()).toBe(before)
      bus.ref()
      bus.configure({ pollInterval: 10 })
      expect(holds()).toBeGreaterThan(before)
      bus.close()
      expect(holds()).toBeLessThanOrEqual(before + 1)
      await turns()
      expect(holds()).toBe(before)
    },
  )
})
