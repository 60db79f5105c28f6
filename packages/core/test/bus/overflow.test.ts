/** Back-pressure: `overflow: 'reject'` and `drained()` make a publisher lossless against live workers. */
import type { WorkerEvents } from '../../src/index.js'
import { coded, hasWrapped, publishMany, recordAll, turns, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

const reject = { overflow: 'reject' as const }

/** Publishes until the ring is full; returns how many it took. */
function fill(bus: WorkerEvents): number {
  for (let count = 0; ; count++) {
    try {
      bus.publish('c', 't', count)
    } catch (error) {
      expect(error).toEqual(coded('ERR_RING_FULL', 'drained()'))
      return count
    }
  }
}

describeOnBothRegions("a ring whose overflow is 'reject'", (subject) => {
  it('takes as many entries as it has, then refuses until the slowest worker has read', () => {
    const zone = subject.makeZone({ ringSize: 8, ...reject })
    const [one, two] = [zone.open(), zone.open()]
    expect(fill(one)).toBe(8)
    expect(fill(two)).toBe(0)
    one.poll()
    expect(fill(one)).toBe(0)
    two.poll()
    expect(fill(two)).toBe(8)
    expect(one.inspect().droppedEvents).toBe(8)
  })

  it('loses nothing while it goes round, and takes no generation for what it refuses', () => {
    const zone = subject.makeZone({ ringSize: 4, ...reject })
    const [writer, reader] = [zone.open(), zone.open()]
    const seen = recordAll(reader)
    for (let round = 0; round < 6; round++) {
      expect(fill(writer)).toBe(4)
      reader.poll()
      writer.poll()
    }
    expect(hasWrapped(writer)).toBe(true)
    expect(seen.map(({ generation }) => generation)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1))
  })

  it('counts entries: a large event needs room for all of its own', () => {
    const bus = subject.open({ ringSize: 8, ...reject })
    publishMany(bus, 7)
    expect(() => bus.publish('c', 't', 'x'.repeat(300))).toThrow(coded('ERR_RING_FULL'))
    expect(bus.publish('c', 't')).toBe(8)
    bus.poll()
    expect(bus.publish('c', 't', 'x'.repeat(300))).toBe(9)
  })

  it('is not held by a worker that left or died', () => {
    const zone = subject.makeZone({ ringSize: 4, ...reject })
    const [writer, leaver] = [zone.open(), zone.open()]
    const dead = zone.join()
    fill(writer)
    writer.poll()
    expect(fill(writer)).toBe(0)
    leaver.close()
    expect(fill(writer)).toBe(0)
    dead.die()
    expect(fill(writer)).toBe(4)
  })

  it('is not held by a worker that has not moved for five seconds, and is again by one that does', () => {
    const zone = subject.makeZone({ ringSize: 4, ...reject })
    const [writer, stuck] = [zone.open(), zone.open({ onMissed: () => undefined })]
    const now = performance.now.bind(performance)
    let clock = 1e6
    performance.now = () => clock
    try {
      fill(writer)
      writer.poll()
      expect(fill(writer)).toBe(0)
      clock += 4999
      expect(fill(writer)).toBe(0)
      clock += 1
      expect(fill(writer)).toBe(4)
      writer.poll()
      stuck.poll()
      fill(writer)
      writer.poll()
      expect(fill(writer)).toBe(0)
    } finally {
      performance.now = now
    }
  })

  it('leaves out lifecycle events that have no room, rather than to fail', () => {
    const zone = subject.makeZone({ ringSize: 2, ...reject })
    const [writer, reader] = [zone.open(), zone.open()]
    const seen = recordAll(reader)
    fill(writer)
    const late = zone.open({ lifecycle: true })
    late.close()
    reader.poll()
    expect(seen.map(({ channel }) => channel)).toEqual(['c', 'c'])
  })

  it('still delivers local events when it is full', () => {
    const bus = subject.open({ ringSize: 2, ...reject })
    const seen = recordAll(bus)
    fill(bus)
    bus.publishLocal('c', 't', 'local')
    bus.poll()
    expect(seen).toHaveLength(3)
  })
})

describeOnBothRegions("a ring whose overflow is 'overwrite'", (subject) => {
  it('is the default, and waits for nobody', () => {
    const bus = subject.open({ ringSize: 4, onMissed: () => undefined })
    expect(() => publishMany(bus, 40)).not.toThrow()
    expect(bus.inspect().droppedEvents).toBe(36)
  })
})

describeOnBothRegions('drained', (subject) => {
  it('resolves at once when nobody is behind', async () => {
    await expect(subject.open().drained()).resolves.toBeUndefined()
  })

  it('waits until every worker has read what was published before the call, and not for what came later', async () => {
    const zone = subject.makeZone()
    const workers = [zone.open(), zone.open(), zone.open()]
    publishMany(workers[0], 3)
    let isDrained = false
    const waiting = workers[0].drained().then(() => (isDrained = true))
    publishMany(workers[0], 2)
    for (const bus of workers) {
      await turns()
      expect(isDrained).toBe(false)
      bus.poll()
      publishMany(bus, 1)
    }
    await waiting
    expect(workers[0].inspect().workers.map(({ lag }) => lag)).toEqual([3, 2, 1])
  })

  it('waits until nobody is behind by more than below', async () => {
    const zone = subject.makeZone()
    const [writer, reader] = [zone.open(), zone.join()]
    publishMany(writer, 5)
    writer.poll()
    let isDrained = false
    const waiting = writer.drained({ below: 2 }).then(() => (isDrained = true))
    reader.membership.storeCursor(reader.zone.head() - 3)
    await turns()
    expect(isDrained).toBe(false)
    reader.membership.storeCursor(reader.zone.head() - 2)
    await waiting
    await writer.drained({ below: 2 })
  })

  it('measures below against what is published meanwhile too', async () => {
    const zone = subject.makeZone()
    const [writer, reader] = [zone.open(), zone.join()]
    publishMany(writer, 3)
    writer.poll()
    let isDrained = false
    const waiting = writer.drained({ below: 1 }).then(() => (isDrained = true))
    publishMany(writer, 3)
    writer.poll()
    reader.membership.storeCursor(reader.zone.head() - 3)
    await turns()
    expect(isDrained).toBe(false)
    reader.membership.storeCursor(reader.zone.head() - 1)
    await waiting
  })

  it('does not wait for a worker that left or died', async () => {
    const zone = subject.makeZone()
    const [writer, leaver] = [zone.open(), zone.open()]
    const dead = zone.join()
    publishMany(writer, 3)
    writer.poll()
    const waiting = writer.drained()
    await turns()
    leaver.close()
    dead.die()
    await waiting
  })

  it('does not wait for a worker that is stuck for five seconds', async () => {
    const zone = subject.makeZone()
    const writer = zone.open()
    zone.join()
    publishMany(writer, 3)
    writer.poll()
    const now = performance.now.bind(performance)
    let clock = 1e6
    performance.now = () => clock
    try {
      let isDrained = false
      const waiting = writer.drained().then(() => (isDrained = true))
      await turns()
      clock += 4999
      await turns()
      expect(isDrained).toBe(false)
      clock += 1
      await waiting
    } finally {
      performance.now = now
    }
  })

  it('makes a publisher lossless against workers that deliver by themselves', async () => {
    const zone = subject.makeZone({ ringSize: 16, ...reject })
    const [writer, ...readers] = [
      zone.open({ pollInterval: 50 }),
      zone.open({ pollInterval: 50 }),
      zone.open({ pollInterval: 50 }),
    ]
    const seen = readers.map(recordAll)
    for (let batch = 0; batch < 40; batch++) {
      await writer.drained({ below: 8 })
      publishMany(writer, 8, batch * 8)
    }
    await writer.drained()
    await until(() => seen.every((events) => events.length === 320))
    for (const events of seen) {
      expect(events.map(({ payload }) => payload)).toEqual(Array.from({ length: 320 }, (_, index) => index))
    }
  })

  it('rejects with the reason of its signal, aborted before or meanwhile', async () => {
    const zone = subject.makeZone()
    const bus = zone.open()
    const reason = new Error('enough')
    await expect(bus.drained({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    publishMany(bus, 1)
    const controller = new AbortController()
    const waiting = bus.drained({ signal: controller.signal })
    await turns()
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  it('rejects when the bus closes meanwhile, and when it is closed', async () => {
    const bus = subject.open()
    publishMany(bus, 1)
    const waiting = bus.drained()
    await turns()
    bus.close()
    await expect(waiting).rejects.toEqual(coded('ERR_CLOSED'))
    await expect(bus.drained()).rejects.toEqual(coded('ERR_CLOSED'))
  })

  it.each<[string, unknown, string]>([
    ['below less than 0', { below: -1 }, 'below must be an integer, 0 or more, got -1'],
    ['below that is no integer', { below: 0.5 }, 'got 0.5'],
    ['below that is text', { below: '5' }, 'got "5"'],
    ['a signal that is none', { signal: {} }, 'signal must be an AbortSignal'],
    ['options that are null', null, 'options'],
    ['options that are no object', 5, 'options'],
  ])('refuses %s', async (_, options, part) => {
    const bus = subject.open()
    await expect(bus.drained(options as object)).rejects.toEqual(coded('ERR_INVALID_ARGUMENT', part))
  })
})
