/** Payloads, schemas and definitions that are not what they seem. */
import { defineEvents, event } from '../../src/index.js'
import { publishMany, recordAll } from '../expectations.js'
import { coded } from '../expectations.js'
import { describeOnBothRegions } from '../subjects.js'

class Liar extends Uint8Array {
  override get length(): number {
    return 1
  }
}

describeOnBothRegions('a payload that is not what it seems', (subject) => {
  it('travels by its true length, and leaves its neighbours alone', () => {
    const zone = subject.makeZone({ ringSize: 8, entryPayload: 64 })
    const [one, two] = [zone.open({ pollInterval: 0 }), zone.open({ pollInterval: 0 })]
    const seen = recordAll(two)
    publishMany(one, 5)
    one.publish('c', 'bytes', new Liar(150).fill(65))
    two.poll()
    expect(seen).toHaveLength(6)
    expect(seen.at(-1)?.payload).toEqual(new Uint8Array(150).fill(65))
  })

  it('takes no generation when its memory was transferred', () => {
    const bus = subject.open()
    const bytes = new Uint8Array(8)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    expect(() => bus.publish('c', 't', bytes)).toThrow(coded('ERR_NOT_SERIALIZABLE'))
    expect(bus.publish('c', 't')).toBe(1)
  })

  it('is not published once its own toJSON has closed the bus', () => {
    const zone = subject.makeZone()
    const [one, two] = [zone.open(), zone.open()]
    const closing = { toJSON: () => one.close() }
    expect(() => one.publish('c', 't', [closing])).toThrow(coded('ERR_CLOSED'))
    expect(two.inspect().events).toEqual([])
  })
})

describeOnBothRegions('a schema', (subject) => {
  const listOf = (validate: () => unknown) => {
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: validate as never } }
    return defineEvents('c', { t: schema })
  }

  it('that ends the subscription keeps its handler from being called', () => {
    const bus = subject.open()
    let calls = 0
    const events = listOf(() => {
      subscription.unsubscribe()
      return { value: 1 }
    })
    const subscription = bus.subscribe(events.t, () => calls++)
    bus.publish('c', 't', 1)
    bus.poll()
    expect(calls).toBe(0)
  })

  it.each([
    ['throws', () => JSON.parse('x') as unknown],
    ['gives nothing', () => undefined],
  ])('that %s makes the payload an invalid one', (_, validate) => {
    const bus = subject.open()
    expect(() => bus.publish(listOf(validate).t, 1 as never)).toThrow(coded('ERR_INVALID_PAYLOAD'))
    expect(bus.publish('c', 't')).toBe(1)
  })
})

describe('a list of events', () => {
  it.each([['constructor'], ['toString'], ['hasOwnProperty'], ['__proto__']])('has no event %s', (name) => {
    const list = defineEvents('c', { t: event() }) as unknown as Record<string, unknown>
    expect(() => list[name]).toThrow(coded('ERR_UNKNOWN_EVENT'))
  })

  it.each([[null], [undefined], [[]], [{ a: 1 }]])('is not made of %p', (definitions) => {
    expect(() => defineEvents('c', definitions as never)).toThrow(coded('ERR_INVALID_ARGUMENT'))
  })

  it.each<[unknown, object]>([
    [1, {}],
    ['', {}],
    ['c', { $channel: event() }],
  ])('is not made of names that are none: %p %p', (channel, definitions) => {
    expect(() => defineEvents(channel as string, definitions as never)).toThrow(coded('ERR_INVALID_NAME'))
  })
})
