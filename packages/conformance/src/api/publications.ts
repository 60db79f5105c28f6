/** POST: what is published, and what is said about it. */
import { Buffer } from 'node:buffer'
import type { Question } from './client.js'
import { duplicateBody, publishedBody } from './documents.js'
import type { Exchange } from './exchange.js'
import { CHANNEL, type Stage } from './stage.js'

const json = { 'content-type': 'application/json' }

/** A POST of a text. */
export function post(body: Question['body'], query = '', headers: Question['headers'] = {}): Question {
  return { method: 'POST', query, headers: { ...json, ...headers }, ...(body === undefined ? {} : { body }) }
}

const simple = '{"type":"purged","payload":"tag:assets"}'

/** What was published must be shown, byte for byte. */
function publishes(name: string, question: Question, payload: string, rest: Partial<Exchange> = {}): Exchange {
  return {
    name,
    question,
    status: 200,
    body: publishedBody(1),
    after: async (_, client) => {
      const { body } = await client.ask({ query: '?limit=1' })
      expect(body).toContain(`{"generation":1,"type":"purged","payload":${payload},"channel":"${CHANNEL}",`)
    },
    ...rest,
  }
}

const elephant = Buffer.from('{"type":"purged","payload":"🐘"}')

const bodies: readonly Exchange[] = [
  publishes('publishes an event', post(simple), '"tag:assets"'),
  publishes('publishes without a payload', post('{"type":"purged"}'), '""'),
  publishes('publishes null, which is a payload', post('{"type":"purged","payload":null}'), 'null'),
  publishes('lets the last of two payloads count', post('{"payload":1,"type":"purged","payload":2}'), '2'),
  publishes('is not led astray by what looks like a field', post('{"a":{"payload":1},"type":"purged"}'), '""'),
  publishes('knows a field by any spelling', post('{"\\u0070ayload":[],"typ\\u0065":"purged"}'), '[]'),
  publishes(
    'leaves out white space, but not of strings',
    post('{"type":"purged","payload": [ 1,\n" \\" " ]}\t'),
    '[1," \\" "]',
  ),
  publishes(
    'keeps every digit',
    post('{"type":"purged","payload":12345678901234567890.10}'),
    '12345678901234567890.10',
  ),
  publishes(
    'keeps keys that JavaScript would reorder',
    post('{"type":"purged","payload":{"b":0,"1":0}}'),
    '{"b":0,"1":0}',
  ),
  publishes('keeps escapes', post('{"type":"purged","payload":"\\ud83d\\u0000\\/"}'), '"\\ud83d\\u0000\\/"'),
  publishes('takes a body in chunks', post(['{"type":"pur', 'ged","payload":', '"tag:assets"}']), '"tag:assets"'),
  publishes(
    'takes a chunk that ends within a character',
    post([elephant.subarray(0, 29), elephant.subarray(29, 30), elephant.subarray(30)]),
    '"🐘"',
  ),
  publishes('skips a byte order mark', post(`\ufeff${simple}`), '"tag:assets"'),
  publishes('takes a body as large as the limit', post(simple), '"tag:assets"', { api: { bodyLimit: simple.length } }),
  publishes(
    'takes JSON that is nested 10,000 deep',
    post(`{"type":"purged","payload":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    { zone: { ringSize: 8, entryPayload: 20_000 } },
  ),
]

const named: readonly Exchange[] = [
  publishes('takes a media type in any case', post(simple, '', { 'content-type': 'Application/JSON' }), '"tag:assets"'),
  publishes(
    'takes a media type with parameters',
    post(simple, '', { 'content-type': 'application/json ; charset=utf-8; x="' }),
    '"tag:assets"',
  ),
  {
    name: 'publishes to another channel',
    question: post('{"type":"placed","channel":"orders/🐘"}'),
    status: 200,
    body: publishedBody(1, false, 'orders/🐘'),
  },
  {
    name: 'takes names and keys as long as they may be',
    question: post(JSON.stringify({ type: 't'.repeat(64), channel: '🐘'.repeat(16), unique: 'u'.repeat(256) })),
    zone: { entryPayload: 512 },
    status: 200,
    body: publishedBody(1, false, '🐘'.repeat(16)),
  },
  {
    name: 'tells of a duplicate, which takes no generation',
    given: ({ bus }) => void bus.publish('orders', 'placed', 1, { unique: 'once' }),
    question: post('{"type":"purged","unique":"once"}'),
    status: 200,
    body: duplicateBody(),
    after: ({ bus }) => {
      expect(bus.inspect().newestGeneration).toBe(1)
    },
  },
  {
    name: 'tells that a retained event was overwritten',
    zone: { ringSize: 2 },
    given: publishTwo,
    question: post(simple),
    status: 200,
    body: publishedBody(3, true),
  },
  {
    name: 'tells that none was overwritten where there was none',
    zone: { ringSize: 3 },
    given: publishTwo,
    question: post(simple),
    status: 200,
    body: publishedBody(3, false),
  },
]

function publishTwo({ bus }: Stage): void {
  bus.publish(CHANNEL, 'purged')
  bus.publish(CHANNEL, 'purged')
}

const key = 'sésame & 100%'
const query = `?key=${encodeURIComponent(key)}`
const bearer = (scheme: string): Question['headers'] => ({
  authorization: `${scheme} ${Buffer.from(key).toString('latin1')}`,
})

const keys: readonly Exchange[] = (
  [
    ['the key from the query', query, {}],
    ['a bearer', '', bearer('Bearer')],
    ['a bearer whatever its case', '', bearer('bEaReR')],
    ['the right one of two keys', `?key=no&${query.slice(1)}&key=`, {}],
    ['a right bearer beside a wrong key', '?key=no', bearer('Bearer')],
    ['a right key beside a wrong bearer', query, { authorization: 'Bearer no' }],
  ] as const
).map(([what, from, headers]) =>
  publishes(`takes ${what}`, post(simple, from, headers), '"tag:assets"', { api: { publishKey: key } }),
)

export const publications: readonly Exchange[] = [...bodies, ...named, ...keys]
