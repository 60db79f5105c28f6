/** Short texts take another way into the ring than long ones; what arrives must not show where one becomes the other. */
import { recordAll } from '../expectations.js'
import { ShortText } from '../../src/payload.js'
import { describeOnBothRegions } from '../subjects.js'

/** A text whose JSON, with its quotes, has so many characters. */
function textOf(character: string, length: number): string {
  const units = Math.floor((length - 2) / character.length)
  return character.repeat(units) + 'x'.repeat(length - 2 - units * character.length)
}

describeOnBothRegions('a text', (subject) => {
  it.each(['a', '\u007f', 'ż', '\u2028', '🚌'])(
    'of %j arrives exactly at every length around the limit',
    (character) => {
      const bus = subject.open({ ringSize: 64, entryPayload: 200 })
      const seen = recordAll(bus)
      const published: string[] = []
      // Ends of every kind within a word of eight bytes, in slots all around the ring, so over its end too.
      for (let length = ShortText.LONGEST - 40; length <= ShortText.LONGEST + 40; length++) {
        const text = textOf(character, length)
        published.push(text)
        bus.publish('c', 't', text)
        bus.poll()
      }
      expect(seen.map(({ payload }) => payload)).toStrictEqual(published)
    },
  )

  it('that is short brings nothing of the longer one before it', () => {
    const bus = subject.open({ ringSize: 64, entryPayload: 400 })
    const seen = recordAll(bus)
    const published = Array.from({ length: 60 }, (_, index) => textOf(index % 2 === 0 ? '🚌' : 'ż', 62 - index))
    for (const text of published) bus.publish('c', 't', text)
    bus.poll()
    expect(seen.map(({ payload }) => payload)).toStrictEqual(published)
  })

  it('with a unique key before it arrives exactly, wherever in a word it begins', () => {
    const bus = subject.open({ ringSize: 64, uniqueKeys: 64 })
    const seen = recordAll(bus)
    for (let length = 1; length <= 17; length++) bus.publish('c', 't', { text: 'żółć' }, { unique: 'k'.repeat(length) })
    bus.poll()
    expect(seen.map(({ payload, unique }) => [payload, unique?.length])).toStrictEqual(
      Array.from({ length: 17 }, (_, index) => [{ text: 'żółć' }, index + 1]),
    )
  })
})
