/** The payload's text, taken from a body as it stands there. */
import fc from 'fast-check'
import { payloadText } from '../../src/api/payload-text.js'

const value = fc.jsonValue()
const indent = fc.constantFrom<string | number>(0, 1, '\t', '\n \r')

describe('the text of a payload', () => {
  it('is what JSON.stringify makes of it, however the body is laid out', () => {
    fc.assert(
      fc.property(value, value, indent, (payload, other, space) => {
        const text = JSON.stringify({ a: other, type: 't', payload, z: { payload: other } }, null, space)
        expect(payloadText(text)).toBe(JSON.stringify(payload))
      }),
    )
  })

  it('is absent where there is no such member, whatever the others hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (fields) => {
        delete fields['payload']
        expect(payloadText(JSON.stringify({ ...fields, x: { payload: 1 }, y: '"payload":' }))).toBeUndefined()
      }),
    )
  })

  it.each([
    ['an empty object', '{ }', undefined],
    ['quotes and backslashes', String.raw`{"a":"\\","payload":"\"}\\\",","b":"\\\""}`, String.raw`"\"}\\\","`],
    ['brackets within strings', '{"payload":{"]}":"[{"},"a":"}"}', '{"]}":"[{"}'],
    ['two payloads', '{"payload":1,"payload":[2]}', '[2]'],
    ['an escaped name', String.raw`{"p\u0061yload":true}`, 'true'],
    ['white space behind the last value', '{"payload":null \n}\r\n', 'null'],
    ['digits that no number has', '{"payload": -1.50E+400 }', '-1.50E+400'],
  ])('is found in a body with %s', (_, body, text) => {
    expect(payloadText(body)).toBe(text)
  })

  it('is found at any depth of nesting', () => {
    const deep = `${'{"a":['.repeat(100_000)}${']}'.repeat(100_000)}`
    expect(payloadText(`{"payload":${deep}}`)).toBe(deep)
  })
})
