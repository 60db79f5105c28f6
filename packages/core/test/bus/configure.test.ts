/** `configure`, and what each setting does: the same through `open` and through a change. */
import type { WorkerEvents } from '../../src/index.js'
import { coded, publishMany, recordAll, thrownBy, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('configure', (subject) => {
  it.each(['zone', 'directory', 'ringSize', 'entryPayload', 'maxWorkers', 'uniqueKeys', 'overflow'])(
    'says of %s that it is fixed, whatever the value',
    (option) => {
      const bus = subject.open()
      for (const value of [undefined, 1, 'reject', {}]) {
        expect(() => bus.configure({ [option]: value })).toThrow(coded('ERR_ZONE_FIXED', option, 'another handle'))
      }
    },
  )

  it.each(['lifecycle', 'signal', 'polInterval', '__proto__x', 'toString'])(
    'says of %s that there is no such option',
    (option) => {
      const bus = subject.open()
      expect(() => bus.configure({ [option]: true })).toThrow(
        coded('ERR_INVALID_OPTION', `"${option}"`, 'pollInterval'),
      )
    },
  )

  it.each<[string, unknown, string]>([
    ['pollInterval', -1, 'milliseconds, 0 or more, got -1'],
    ['pollInterval', NaN, 'got NaN'],
    ['pollInterval', '5', 'got "5"'],
    ['pollInterval', 2 ** 31, 'milliseconds'],
    ['uniqueTimeout', 0, 'more than 0, got 0'],
    ['uniqueTimeout', Infinity, 'got Infinity'],
    ['waitMax', -0.1, 'got -0.1'],
    ['waitMax', null, 'got null'],
    ['publishRetries', 1.5, 'an integer'],
    ['publishRetries', -1, 'got -1'],
    ['onError', 'log', 'a function, got "log"'],
    ['onMissed', {}, 'a function, got an object'],
  ])('refuses a %s of %p', (option, value, part) => {
    const bus = subject.open()
    expect(() => bus.configure({ [option]: value })).toThrow(coded('ERR_INVALID_OPTION', `"${option}"`, part))
    expect(() => subject.open({ [option]: value })).toThrow(coded('ERR_INVALID_OPTION', `"${option}"`, part))
  })

  it.each([undefined, null, 5, 'x'])('refuses %p in the place of changes', (changes) => {
    const bus = subject.open()
    expect(() => bus.configure(changes as never)).toThrow(coded('ERR_INVALID_OPTION', 'object'))
  })

  it('changes nothing when one of several changes is refused', () => {
    const told: unknown[] = []
    const zone = subject.makeZone({ ringSize: 4 })
    const bus = zone.open({ onMissed: () => told.push('old'), publishRetries: 0 })
    const failing = { onMissed: () => told.push('new'), publishRetries: 5, waitMax: -1 }
    expect(() => bus.configure(failing)).toThrow(coded('ERR_INVALID_OPTION', 'waitMax'))
    expect(() => bus.configure({ onMissed: () => told.push('new'), ringSize: 5 } as object)).toThrow(
      coded('ERR_ZONE_FIXED'),
    )
    publishMany(bus, 5)
    bus.poll()
    expect(told).toEqual(['old'])
    expect(attempts(bus, zone.join())).toBe(1)
  })

  it('leaves what is not named, or undefined, as it is', () => {
    const told: unknown[] = []
    const bus = subject.open({ ringSize: 4, onMissed: () => told.push('told') })
    bus.configure({})
    bus.configure({ onMissed: undefined, waitMax: 5 })
    publishMany(bus, 5)
    bus.poll()
    expect(told).toEqual(['told'])
  })

  it('changes this handle and no other', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open({ publishRetries: 0 }), zone.open({ publishRetries: 0 })]
    one.configure({ publishRetries: 3 })
    const stopped = zone.join()
    expect([attempts(two, stopped), attempts(one, stopped)]).toEqual([1, 4])
  })

  it('fails on a closed bus', () => {
    const bus = subject.open()
    bus.close()
    expect(() => bus.configure({})).toThrow(coded('ERR_CLOSED'))
  })
})

/** How often a bus tries to publish into a ring that a stopped writer holds in full. */
function attempts(bus: WorkerEvents, stopped: { stall(): number; letGo(generation: number): void }): number {
  const held = Array.from({ length: bus.capacity }, () => stopped.stall())
  const error = thrownBy(() => bus.publish('c', 't', 'secret'))
  expect(error).toEqual(coded('ERR_RING_BUSY', 'attempts'))
  expect(error.message).not.toContain('secret')
  for (const generation of held) stopped.letGo(generation)
  return Number(/^\d+/.exec(error.message)?.[0])
}

describeOnBothRegions('publishRetries', (subject) => {
  it('is how often publish tries again in a ring that stopped writers hold', () => {
    const zone = subject.makeZone()
    const stopped = zone.join()
    expect([0, 1, 7].map((publishRetries) => attempts(zone.open({ publishRetries }), stopped))).toEqual([1, 2, 8])
  })

  it('is 999 unless it is given', () => {
    const zone = subject.makeZone()
    expect(attempts(zone.open(), zone.join())).toBe(1000)
  })

  it('is not used up by a dead writer', () => {
    const zone = subject.makeZone()
    const bus = zone.open({ publishRetries: 0 })
    const dead = zone.join()
    for (let count = 0; count < bus.capacity; count++) dead.stall()
    dead.die()
    expect(bus.publish('c', 't')).toBe(bus.capacity + 1)
  })
})

describeOnBothRegions('waitMax', (subject) => {
  const seenAfter = (bus: WorkerEvents): unknown[] => {
    const seen = recordAll(bus)
    bus.publish('c', 't', 'after')
    bus.poll()
    return seen.map(({ payload }) => payload)
  }

  it('of 0 does not wait at all for an entry that is not written', () => {
    const zone = subject.makeZone()
    zone.join().stall()
    expect(seenAfter(zone.open({ waitMax: 0 }))).toEqual(['after'])
    const bus = zone.open({ waitMax: 0 })
    zone.join().stall()
    expect(seenAfter(bus)).toEqual(['after'])
  })

  it('is waited for, without blocking, before an unwritten entry is given up', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 60 })
    const stopped = zone.join()
    const generation = stopped.stall()
    const before = performance.now()
    const seen = recordAll(bus)
    bus.publish('c', 't', 'after')
    await until(() => {
      const start = performance.now()
      bus.poll()
      expect(performance.now() - start).toBeLessThan(50)
      return seen.length > 0
    })
    expect(performance.now() - before).toBeGreaterThanOrEqual(60)
    expect(stopped.stateOf(generation)).toMatchObject({ owner: stopped.worker })
  })

  it('is not waited for when the entry is written meanwhile: it is delivered, in its order', () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 60_000 })
    const seen = recordAll(bus)
    const writer = zone.join()
    const generation = writer.writeStoppedAfterLabelling(() => {
      bus.publish('c', 't', 'later')
      bus.poll()
      expect(seen).toEqual([])
    }, '"slow"')
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual(['slow', 'later'])
    expect(writer.zone.publicOf(generation)).toBe(1)
  })

  it('is not waited for when the writer is dead', () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 60_000 })
    const dead = zone.join()
    dead.stall()
    dead.die()
    expect(seenAfter(bus)).toEqual(['after'])
  })

  it('costs a publisher that was too slow a retry, never its event', () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 0 })
    const seen = recordAll(bus)
    const writer = zone.join()
    const meanwhile = (): void => void bus.poll()
    const generation = writer.writeStoppedAfterLabelling(meanwhile, '"slow"')
    bus.poll()
    expect(writer.zone.publicOf(generation)).toBe(2)
    expect(seen.map(({ payload, generation: at }) => [payload, at])).toEqual([['slow', 2]])
  })

  it('counts from the value that is configured last', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 60_000 })
    zone.join().stall()
    expect(seenAfter(bus)).toEqual([])
    const seen = recordAll(bus)
    bus.configure({ waitMax: 1 })
    await until(() => {
      bus.poll()
      return seen.length > 0
    })
  })

  it('does not hold for an entry that nobody labelled: that is given up after milliseconds', async () => {
    const zone = subject.makeZone()
    const bus = zone.open({ waitMax: 60_000 })
    const seen = recordAll(bus)
    zone.join().draw()
    bus.publish('c', 't')
    bus.poll()
    expect(seen).toEqual([])
    await until(() => {
      bus.poll()
      return seen.length > 0
    })
  })
})

describeOnBothRegions('onError', (subject) => {
  it('may be changed, and holds for what is reported later', () => {
    const told: string[] = []
    const bus = subject.open({ onError: () => told.push('old') })
    bus.subscribe(() => {
      throw new Error('x')
    })
    bus.publish('c', 't')
    bus.poll()
    bus.configure({ onError: () => told.push('new') })
    bus.publish('c', 't')
    bus.poll()
    expect(told).toEqual(['old', 'new'])
  })

  it('that throws is logged with what it was told, and hurts no delivery', () => {
    const bus = subject.open({
      onError: () => {
        throw new Error('from onError')
      },
    })
    bus.subscribe(() => {
      throw new Error('from a handler')
    })
    const seen = recordAll(bus)
    const lines = logged(() => {
      bus.publish('c', 't', 'secret')
      bus.poll()
    })
    expect(seen).toHaveLength(1)
    expect(lines.join('\n')).toMatch(/from a handler[^]*from onError/)
  })

  it('by default logs one entry with channel, type, generation and stack, never payload or key', () => {
    const bus = subject.open({ onError: undefined })
    bus.subscribe(function onPurged() {
      throw new Error('what went wrong')
    })
    const lines = logged(() => {
      bus.publish('cache.invalidate', 'purged', { 'secret-payload': 1 }, { unique: 'secret-key' })
      bus.poll()
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^worker-events: .*cache\.invalidate\/purged generation 1: Error: what went wrong\n\s+at .*onPurged/,
    )
    expect(lines[0]).not.toContain('secret')
  })

  it('by default logs losses too', () => {
    const bus = subject.open({ ringSize: 4, onError: undefined })
    publishMany(bus, 6)
    const lines = logged(() => bus.poll())
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('2 generations (1 to 2)')
  })
})

/** What is written to the log while `act` runs. */
function logged(act: () => unknown): string[] {
  const lines: string[] = []
  const error = console.error.bind(console)
  console.error = (...parts: unknown[]) => void lines.push(parts.join(' '))
  try {
    act()
  } finally {
    console.error = error
  }
  return lines
}
