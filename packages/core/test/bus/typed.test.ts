/** Typed events: declared once, checked at publish and at delivery, by whatever schema library speaks the standard. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { z } from 'zod'
import { defineEvents, event } from '../../src/index.js'
import { coded, recordAll, thrownBy, until } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

const libraries = [
  {
    library: 'zod',
    list: defineEvents('cache.invalidate', {
      purged: event<{ tag: string }>(),
      purge_batch: z.object({
        tags: z.array(z.string()),
        at: z.iso
          .date()
          .transform((text) => new Date(text))
          .optional(),
      }),
      counted: z.coerce.number().min(1),
      pinged: z.undefined(),
    }),
  },
  {
    library: 'valibot',
    list: defineEvents('cache.invalidate', {
      purged: event<{ tag: string }>(),
      purge_batch: v.object({
        tags: v.array(v.string()),
        at: v.optional(
          v.pipe(
            v.string(),
            v.isoDate(),
            v.transform((text) => new Date(text)),
          ),
        ),
      }),
      counted: v.pipe(v.unknown(), v.transform(Number), v.number(), v.minValue(1)),
      pinged: v.undefined(),
    }),
  },
]

describe.each(libraries)('typed events with $library', ({ list }) => {
  describeOnBothRegions('on a bus', (subject) => {
    it('travel as what was published, and reach handlers as what the schema makes of it', () => {
      const bus = subject.open()
      const plain: unknown[] = []
      const typed: unknown[] = []
      bus.subscribe('cache.invalidate', (payload) => plain.push(payload))
      bus.subscribe(list.purge_batch, (payload, { payload: same, type, generation }) => {
        expect(same).toBe(payload)
        typed.push([type, generation, payload])
      })
      expect(bus.publish(list.purge_batch, { tags: ['a'], at: '2027-01-15' })).toBe(1)
      bus.poll()
      expect(plain).toEqual([{ tags: ['a'], at: '2027-01-15' }])
      expect(typed).toEqual([['purge_batch', 1, { tags: ['a'], at: new Date('2027-01-15') }]])
    })

    it('are found under their names by who knows no schema, and the other way round', () => {
      const bus = subject.open()
      const seen: unknown[] = []
      bus.subscribe('cache.invalidate', 'purged', (payload) => seen.push(payload))
      bus.subscribe(list.counted, (payload) => seen.push(payload))
      bus.publish(list.purged, { tag: 'assets' })
      bus.publish('cache.invalidate', 'counted', '7')
      bus.poll()
      expect(seen).toEqual([{ tag: 'assets' }, 7])
    })

    it('are refused before anything is published when they do not fit: the places are named, the values never', () => {
      const bus = subject.open()
      const payload = { tags: ['fine', 4711] } as never
      const publishes = [
        () => bus.publish(list.purge_batch, payload),
        () => bus.publishLocal(list.purge_batch, payload),
      ]
      for (const publish of publishes) {
        const error = thrownBy(publish)
        expect(error).toEqual(coded('ERR_INVALID_PAYLOAD', 'cache.invalidate/purge_batch', 'tags.1'))
        expect(error.message).not.toContain('4711')
      }
      expect(thrownBy(() => bus.publish(list.counted, 0))).toEqual(coded('ERR_INVALID_PAYLOAD', 'the payload itself'))
      expect(bus.inspect().newestGeneration).toBe(0)
      expect(bus.publish(list.counted, 1)).toBe(1)
    })

    it('take no unique key when they do not fit', () => {
      const bus = subject.open()
      expect(() => bus.publish(list.counted, 0, { unique: 'k' })).toThrow(coded('ERR_INVALID_PAYLOAD'))
      expect(bus.publish(list.counted, 1, { unique: 'k' })).toBe(1)
      expect(bus.publish(list.counted, 1, { unique: 'k' })).toBe(0)
    })

    it('are not given to a handler when another program published what does not fit: that is reported', () => {
      const errors: unknown[][] = []
      const bus = subject.open({ onError: (...args) => errors.push(args) })
      const seen: unknown[] = []
      bus.subscribe(list.counted, (payload) => seen.push(payload))
      bus.subscribe('cache.invalidate', (payload) => seen.push(payload))
      bus.publish('cache.invalidate', 'counted', 'no number')
      bus.poll()
      expect(seen).toEqual(['no number'])
      expect(errors).toEqual([[coded('ERR_INVALID_PAYLOAD', 'counted'), expect.objectContaining({ generation: 1 })]])
    })

    it('may be local, and are decoded all the same', () => {
      const bus = subject.open()
      const seen: unknown[] = []
      bus.subscribe(list.purge_batch, (payload, { local }) => seen.push([local, payload]))
      bus.publishLocal(list.purge_batch, { tags: [], at: '2027-01-15' })
      bus.poll()
      expect(seen).toEqual([[true, { tags: [], at: new Date('2027-01-15') }]])
    })

    it('may have no payload', () => {
      const bus = subject.open()
      const seen = recordAll(bus)
      bus.publish(list.pinged)
      bus.poll()
      expect(seen).toMatchObject([{ type: 'pinged', payload: undefined }])
    })

    it('can be iterated, decoded, and replayed', async () => {
      const bus = subject.open()
      bus.publish(list.counted, '1')
      bus.poll()
      const events = bus.events(list.counted, { replay: 'all' })
      bus.publish(list.counted, '2')
      bus.publish(list.purged, { tag: 'other' })
      bus.poll()
      bus.close()
      const payloads: unknown[] = []
      for await (const { payload } of events) payloads.push(payload)
      expect(payloads).toEqual([1, 2])
    })

    it('end with their subscription, and by unsubscribe under their names', () => {
      const bus = subject.open()
      const seen: unknown[] = []
      const handler = (payload: unknown): void => {
        seen.push(payload)
      }
      const subscription = bus.subscribe(list.counted, handler)
      bus.subscribe(list.counted, handler)
      subscription.unsubscribe()
      bus.publish(list.counted, 1)
      bus.poll()
      expect(seen).toEqual([1])
      expect(bus.unsubscribe(handler, list.$channel, list.counted.type)).toBe(true)
      bus.publish(list.counted, 2)
      bus.poll()
      expect(seen).toEqual([1])
    })
  })
})

/** A schema of no library, whose answer comes too late and is a rejection. */
const failing: StandardSchemaV1<string> = {
  '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('nobody hears of it')) },
}

describeOnBothRegions('an asynchronous schema', (subject) => {
  const list = defineEvents('c', {
    slow: z.string().refine(async (text) => text !== 'x'),
    failing,
  })

  it('is refused at publish, and at delivery, though it would fit', async () => {
    const errors: unknown[] = []
    const bus = subject.open({ onError: (error) => errors.push(error) })
    for (const each of [list.slow, list.failing]) {
      expect(() => bus.publish(each, 'a')).toThrow(coded('ERR_INVALID_PAYLOAD', 'asynchronous', String(each)))
    }
    let calls = 0
    bus.subscribe(list.slow, () => calls++)
    bus.publish('c', 'slow', 'a')
    bus.poll()
    await until(() => errors.length > 0)
    expect(errors).toEqual([coded('ERR_INVALID_PAYLOAD', 'asynchronous')])
    expect(calls).toBe(0)
  })
})

describe('a list of events', () => {
  const list = defineEvents('cache.invalidate', { purged: event<{ tag: string }>(), purge_all: event() })

  it('names its channel, and each event as channel/type', () => {
    expect(list.$channel).toBe('cache.invalidate')
    expect([String(list.purged), String(list.purge_all)]).toEqual([
      'cache.invalidate/purged',
      'cache.invalidate/purge_all',
    ])
    expect(Object.keys(list).sort()).toEqual(['$channel', 'purge_all', 'purged'])
  })

  it('has no event that was not declared: a typo is an error at once', () => {
    const unknown = list as unknown as Record<string, unknown>
    expect(() => unknown['purgd']).toThrow(
      coded('ERR_UNKNOWN_EVENT', 'cache.invalidate', '"purgd"', 'purged, purge_all'),
    )
    expect(() => unknown['']).toThrow(coded('ERR_UNKNOWN_EVENT'))
    expect(() => unknown['$chanel']).toThrow(coded('ERR_UNKNOWN_EVENT'))
  })

  it('is not taken for a promise, and can be shown', async () => {
    const unknown = list as unknown as Record<string | symbol, unknown>
    expect([unknown['then'], unknown['toJSON'], unknown[Symbol.iterator]]).toEqual([undefined, undefined, undefined])
    expect(await Promise.resolve(list)).toBe(list)
    expect(JSON.parse(JSON.stringify(list))).toMatchObject({ $channel: 'cache.invalidate', purged: { type: 'purged' } })
    expect(() => Object.prototype.toString.call(list)).not.toThrow()
  })

  it('cannot be changed', () => {
    const open = list as unknown as Record<string, unknown>
    expect(() => {
      open['purged'] = 1
    }).toThrow(TypeError)
    expect(Object.isFrozen(list.purged)).toBe(true)
  })

  it.each<[string, string, string]>([
    ['a channel that is no name', '', 'purged'],
    ['a channel with a star', 'cache.*', 'purged'],
    ['an event that is no name', 'cache', ''],
    ['an event that is too long', 'cache', 'x'.repeat(65)],
    ['an event with a star', 'cache', '*'],
  ])('may not have %s', (_, channel, type) => {
    expect(() => defineEvents(channel, { [type]: event() })).toThrow(coded('ERR_INVALID_NAME'))
  })
})
