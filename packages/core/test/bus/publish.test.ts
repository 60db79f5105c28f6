/** What `publish` promises: a generation, an event whole and frozen, names and sizes checked before anything is taken. */
import { WorkerEvents, createZoneBuffer } from '../../src/index.js'
import { coded, hasWrapped, publishMany, recordAll, thrownBy } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

describeOnBothRegions('publish', (subject) => {
  it('returns generations that start at 1 and follow each other without gaps, across the wrap of the laps', () => {
    const bus = subject.open({ ringSize: 4 })
    expect(publishMany(bus, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(hasWrapped(bus)).toBe(true)
  })

  it('reaches every worker of the zone, the publisher too', () => {
    const zone = subject.makeZone()
    const workers = [zone.open(), zone.open(), zone.open()] as const
    const seen = workers.map(recordAll)
    const generation = workers[1].publish('cache.invalidate', 'purged', { tag: 'assets' })
    for (const worker of workers) worker.poll()
    for (const events of seen) {
      expect(events).toEqual([expect.objectContaining({ generation, payload: { tag: 'assets' } })])
    }
  })

  it('shows all workers one and the same order, whoever published', () => {
    const zone = subject.makeZone({ ringSize: 4 })
    const [one, two] = [zone.open(), zone.open()]
    const seen = [recordAll(one), recordAll(two)] as const
    for (let round = 0; round < 20; round++) {
      for (const bus of round % 3 === 0 ? [two, one] : [one, two]) bus.publish('c', 't', `${bus.worker}:${round}`)
      one.poll()
      two.poll()
    }
    expect(hasWrapped(one)).toBe(true)
    expect(seen[0]).toHaveLength(40)
    expect(seen[1]).toEqual(seen[0])
  })

  it('calls no handler before it returns', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't', 1)
    bus.publishLocal('c', 't', 2)
    expect(seen).toEqual([])
    bus.poll()
    expect(seen).toHaveLength(2)
  })

  it('takes the payload as it is now: later changes are not seen', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const payload = { tag: 'before' }
    bus.publish('c', 't', payload)
    payload.tag = 'after'
    bus.poll()
    expect(seen[0]?.payload).toEqual({ tag: 'before' })
  })

  it('gives handlers exactly the members that are documented', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    const before = Date.now()
    bus.publish('cache', 'purged', { n: 1 })
    const after = Date.now()
    bus.poll()
    const timestamp = seen[0]?.timestamp ?? 0
    expect(seen).toStrictEqual([
      {
        channel: 'cache',
        type: 'purged',
        payload: { n: 1 },
        generation: 1,
        timestamp,
        pid: process.pid,
        worker: bus.worker,
        local: false,
      },
    ])
    expect(timestamp).toBeGreaterThanOrEqual(before)
    expect(timestamp).toBeLessThanOrEqual(after)
  })

  it('names the publisher in the event, not the receiver', () => {
    const zone = subject.makeZone()
    const [receiver, publisher] = [zone.open(), zone.open()]
    const seen = recordAll(receiver)
    publisher.publish('c', 't')
    receiver.poll()
    expect(publisher.worker).not.toBe(receiver.worker)
    expect(seen[0]?.worker).toBe(publisher.worker)
  })

  it('freezes the event but not its payload', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't', { n: 1 })
    bus.poll()
    expect(Object.isFrozen(seen[0])).toBe(true)
    expect(Object.isFrozen(seen[0]?.payload)).toBe(false)
  })

  it('gives all handlers of a worker the same object', () => {
    const bus = subject.open()
    const seen = [...[recordAll(bus), recordAll(bus)], []] as ReturnType<typeof recordAll>[]
    bus.subscribe('c', 't', (_, event) => seen[2]?.push(event))
    bus.publish('c', 't', {})
    bus.poll()
    const [first, second, third] = seen.map(([event]) => event)
    expect(first).toBeDefined()
    expect(second).toBe(first)
    expect(third).toBe(first)
  })

  it('carries the key of a unique event, and has no such member for others', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('c', 't', 1, { unique: 'käse' })
    bus.publish('c', 't', 2, { unique: undefined as unknown as string })
    bus.publish('c', 't', 3, {})
    bus.poll()
    expect(seen.map((event) => event.unique)).toEqual(['käse', undefined, undefined])
    expect(seen.map((event) => 'unique' in event)).toEqual([true, false, false])
  })

  it.each([
    ['options that are no object', 1, ['an object', 'number']],
    ['options that are null', null, ['an object']],
    ['an option that does not exist', { uniqe: 'x' }, ['unique', 'uniqe']],
  ])('refuses %s', (_, options, parts) => {
    const bus = subject.open()
    expect(() => bus.publish('c', 't', 1, options as object)).toThrow(coded('ERR_INVALID_ARGUMENT', ...parts))
    expect(bus.publish('c', 't')).toBe(1)
  })

  it('does not repeat a key that was passed in the place of the options', () => {
    const bus = subject.open()
    const error = thrownBy(() => bus.publish('c', 't', 1, 'user-4711' as unknown as object))
    expect(error).toEqual(coded('ERR_INVALID_ARGUMENT', 'an object'))
    expect(error.message).not.toContain('4711')
  })
})

describeOnBothRegions('the names of an event', (subject) => {
  const wide = 'ü'.repeat(32)

  it('may have up to 64 bytes of UTF-8, and arrive as they were', () => {
    const bus = subject.open()
    const seen = recordAll(bus)
    bus.publish('a', 'b')
    bus.publish('c'.repeat(64), wide)
    bus.publish(wide, 't'.repeat(64))
    bus.publish('𝄞 🚌', ' . ')
    bus.poll()
    expect(seen.map(({ channel, type }) => [channel, type])).toEqual([
      ['a', 'b'],
      ['c'.repeat(64), wide],
      [wide, 't'.repeat(64)],
      ['𝄞 🚌', ' . '],
    ])
  })

  it.each([
    ['empty', '', ['non-empty', '""']],
    ['no string', 7, ['string', '7']],
    ['absent', undefined, ['string', 'undefined']],
    ['null', null, ['string', 'null']],
    ['an object', {}, ['string', 'an object']],
    ['longer than 64 bytes', 'x'.repeat(65), ['64 bytes', '65']],
    ['longer than 64 bytes though of fewer characters', `${wide}x`, ['64 bytes', '65']],
    ['a lone surrogate', 'a\ud800b', ['surrogate']],
    ['a star', '*', ['"*"']],
    ['with a star in it', 'cache.*', ['"*"', 'cache.*']],
  ])('may not be %s, and take no generation then', (_, name, parts) => {
    const bus = subject.open()
    const type = name as string
    expect(() => bus.publish('channel', type)).toThrow(coded('ERR_INVALID_NAME', 'type', ...parts))
    expect(() => bus.publishLocal('channel', type)).toThrow(coded('ERR_INVALID_NAME', 'type', ...parts))
    expect(() => bus.publish(name as string, 'type')).toThrow(coded('ERR_INVALID_NAME', 'channel'))
    expect(() => bus.publishLocal(name as string, 'type')).toThrow(coded('ERR_INVALID_NAME', 'channel'))
    expect(bus.publish('c', 't')).toBe(1)
  })
})

describeOnBothRegions('a payload', (subject) => {
  const json = (bytes: number): string => 'x'.repeat(bytes - 2)

  it('of entryPayload bytes fits one entry, and of one byte more takes two', () => {
    const bus = subject.open({ entryPayload: 80 })
    expect([json(80), json(81), json(2)].map((text) => bus.publish('c', 't', text))).toEqual([1, 2, 4])
  })

  it('that spans k entries takes k generations, and its event carries the first', () => {
    const bus = subject.open({ ringSize: 16, entryPayload: 80 })
    const seen = recordAll(bus)
    // 80 bytes in the first entry, 256 in each that follows.
    for (const bytes of [80, 80 + 256, 80 + 257, 80 + 3 * 256, 10]) bus.publish('c', 't', json(bytes))
    bus.poll()
    expect(seen.map(({ generation, payload }) => [generation, (payload as string).length + 2])).toEqual([
      [1, 80],
      [2, 336],
      [4, 337],
      [7, 848],
      [11, 10],
    ])
  })

  it.each([1, 3, 4, 7, 8, 64])(
    'of exactly maxPayload bytes passes through a ring of %i entries, again and again',
    (ringSize) => {
      const bus = subject.open({ ringSize, entryPayload: 50 })
      const seen = recordAll(bus)
      const span = Math.max(1, Math.floor(ringSize / 4))
      expect(bus.maxPayload).toBe(256 * span - 176)
      for (let count = 0; count < 5 * ringSize; count++) {
        const text = String.fromCharCode(97 + (count % 26)).repeat(bus.maxPayload - 2)
        expect(bus.publish('c', 't', text)).toBe(1 + count * span)
        bus.poll()
        expect(seen.at(-1)?.payload).toBe(text)
      }
      expect(hasWrapped(bus)).toBe(true)
    },
  )

  it('of one byte more is refused, says how large it may be, and takes no generation', () => {
    const bus = subject.open()
    const most = bus.maxPayload
    for (const payload of [json(most + 1), new Uint8Array(most + 1), 'ü'.repeat(most / 2)]) {
      expect(() => bus.publish('c', 't', payload)).toThrow(
        coded('ERR_PAYLOAD_TOO_LARGE', `carries ${most}`, 'ringSize'),
      )
    }
    expect(thrownBy(() => bus.publish('c', 't', json(most + 1))).message).toContain(`${most + 1} bytes`)
    expect(bus.publish('c', 't', json(most))).toBe(1)
  })

  it('shares maxPayload with the bytes of its key, which is not taken when both are too large', () => {
    const bus = subject.open()
    const unique = 'kü'
    const most = bus.maxPayload - 3
    expect(() => bus.publish('c', 't', json(most + 1), { unique })).toThrow(coded('ERR_PAYLOAD_TOO_LARGE', most))
    expect(bus.publish('c', 't', json(most), { unique })).toBe(1)
  })

  it('may be large without reading like the one before it', () => {
    const bus = subject.open({ ringSize: 8 })
    const seen = recordAll(bus)
    bus.publish('c', 't', new Uint8Array(300).fill(1))
    bus.publish('c', 't', 'é'.repeat(150))
    bus.publish('c', 't', 'e'.repeat(300))
    bus.publish('c', 't')
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toEqual([
      new Uint8Array(300).fill(1),
      'é'.repeat(150),
      'e'.repeat(300),
      undefined,
    ])
  })
})

function circular(name: string): object {
  const payload: Record<string, unknown> = {}
  payload[name] = payload
  return payload
}

describe('a publish that is refused', () => {
  it.each([
    ['with a payload that is too large', () => ['secret-payload'.repeat(1000), {}] as const],
    ['with a payload that is circular', () => [circular('secret-payload'), {}] as const],
    ['with a payload that has a BigInt', () => [{ 'secret-payload': 1n }, {}] as const],
    ['with a key that is too long', () => [1, { unique: 'secret-key'.repeat(30) }] as const],
    ['with a key that is not well-formed', () => [1, { unique: 'secret-key\udfff' }] as const],
  ])('%s says neither payload nor key', (_, make) => {
    const bus = WorkerEvents.open({ zone: createZoneBuffer({ ringSize: 8 }), lifecycle: false })
    const [payload, options] = make()
    const error = thrownBy(() => bus.publish('c', 't', payload, options))
    expect(error.name).toBe('WorkerEventsError')
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('secret')
    bus.close()
  })
})
