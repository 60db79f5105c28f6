/** GET and HEAD: what is shown of a ring, under which filter. */
import { errorBody, type Ring, zoneBody } from './documents.js'
import type { Exchange } from './exchange.js'
import { CHANNEL, type Stage } from './stage.js'

/** Generations 1 to 4: two channels, two types, the last one without a payload. */
function publishFour({ bus }: Stage): void {
  bus.publish(CHANNEL, 'purged', 'tag:assets')
  bus.publish('orders', 'placed', { id: 7, lines: [1, null, true] })
  bus.poll()
  bus.publish(CHANNEL, 'warmed', null)
  bus.publish(CHANNEL, 'purged')
  bus.poll()
}

const purged = { generation: 1 }
const placed = { generation: 2, type: 'placed', payload: '{"id":7,"lines":[1,null,true]}', channel: 'orders' }
const warmed = { generation: 3, type: 'warmed', payload: 'null' }
const bare = { generation: 4, payload: '""' }

function shows(ring: Partial<Ring> & Pick<Ring, 'events'>): (stage: Stage) => string {
  return ({ bus }) => zoneBody(bus, { oldest: 1, newest: 4, ...ring })
}

function filtered(name: string, query: string, events: Ring['events'], channel = CHANNEL): Exchange {
  return { name, given: publishFour, question: { query }, status: 200, body: shows({ events, channel }) }
}

const ours = [purged, warmed, bare]
const all = [purged, placed, warmed, bare]
const long = 'x'.repeat(2000)

const filters: readonly Exchange[] = [
  filtered("shows the endpoint's channel if the query names none", '', ours),
  filtered('shows another channel', '?channel=orders', [placed], 'orders'),
  filtered('shows every channel for an empty one', '?channel=', all, ''),
  filtered('decodes a channel as a form does', '?channel=%63ache%2Einvalidate', ours),
  filtered('shows a plus as a space', '?channel=a+b%2Bc', [], 'a b+c'),
  filtered('takes no pattern for a channel', '?channel=cache.*', [], 'cache.*'),
  filtered('shows nothing of a channel of 2,000 bytes', `?channel=${long}`, [], long),
  filtered('escapes the channel that it shows', '?channel=%22%0A%F0%9F%90%98%00', [], '"\n🐘\0'),
  filtered('shows what cannot be decoded as such', '?channel=%FF', [], '\ufffd'),
  filtered('lets the last of two channels count', '?channel=orders&channel=cache.invalidate', ours),
  filtered('shows one type', '?type=purged', [purged, bare]),
  filtered('shows every type for an empty one', '?type=', ours),
  filtered('lets the last of two types count', '?type=purged&type=warmed', [warmed]),
  filtered('shows one type of every channel', '?channel=&type=placed', [placed], ''),
  filtered('shows what comes after a generation', '?since=1', [warmed, bare]),
  filtered('shows nothing after the newest', '?since=4', []),
  filtered('takes the largest number there is', '?since=9007199254740991', []),
  filtered('takes leading zeros for what they are', '?since=0003', [bare]),
  filtered('lets the last of two numbers count', '?since=4&since=1', [warmed, bare]),
  filtered('takes the last number for absent if it is none', '?since=4&since=x', ours),
  filtered('shows the oldest up to a limit', '?limit=2', [purged, warmed]),
  filtered('counts only what matches up to the limit', '?type=purged&limit=2', [purged, bare]),
  filtered('knows no limit of 0', '?limit=0', ours),
  filtered('combines all filters', '?channel=&type=purged&since=1&limit=1', [bare], ''),
  filtered('ignores names that it does not know', '?sinse=4&Channel=orders&%63hannel=orders', [placed], 'orders'),
  filtered('takes a query of nothing but separators', '?&&=&', ours),
]

const garbage: readonly Exchange[] = [
  ...['-1', '1.5', '1e1', '0x1', '', '+1', '%201', '1%20', 'NaN', '9007199254740992', '%D9%A1', '1,2'],
].map((text) => filtered(`takes since=${text} for absent`, `?since=${text}&limit=${text}`, ours))

const payloads: readonly Exchange[] = (
  [
    ['nothing but quotes', '"'.repeat(40)],
    ['control characters', '\0\u0001\b\t\n\v\f\r\u001f\u007f\u0085\u2028'],
    ['emoji', '🐘🎈👩‍👩‍👧‍👦'],
    ['half an emoji', '\ud83d'],
    ['more than one entry', 'ab"\\'.repeat(40)],
    ['an empty string', ''],
    ['false', false],
    ['deep nesting', [[[[{ a: [[]] }]]]]],
  ] as const
).map(([name, payload]) => ({
  name: `shows a payload of ${name}`,
  given: ({ bus }) => {
    bus.publish(CHANNEL, 'purged', payload)
    bus.poll()
  },
  question: {},
  status: 200,
  body: ({ bus }) => {
    const newest = bus.inspect().newestGeneration
    return zoneBody(bus, { oldest: 1, newest, events: [{ generation: 1, payload: JSON.stringify(payload) }] })
  },
}))

const rings: readonly Exchange[] = [
  {
    name: 'shows a ring that nothing was published into',
    question: {},
    status: 200,
    body: ({ bus }) => zoneBody(bus, { oldest: 0, newest: 0, events: [] }),
  },
  {
    name: 'shows what is retained, and counts what is not',
    zone: { ringSize: 3 },
    given: publishFour,
    question: { query: '?channel=' },
    status: 200,
    body: shows({ capacity: 3, oldest: 2, dropped: 1, channel: '', events: [placed, warmed, bare] }),
  },
  {
    name: 'shows bytes as base64, and says so behind all else',
    given: ({ bus }) => {
      bus.publish(CHANNEL, 'purged', Uint8Array.of(0, 255, 34))
      bus.poll()
    },
    question: {},
    status: 200,
    body: ({ bus }) => {
      const event = { generation: 1, payload: '"AP8i"', added: ',"payload_encoding":"base64"' }
      return zoneBody(bus, { oldest: 1, newest: 1, events: [event] })
    },
  },
  {
    name: 'shows every worker of the zone',
    given: (stage) => void stage.open({ pollInterval: 0 }),
    question: {},
    status: 200,
    body: ({ bus }) => zoneBody(bus, { oldest: 0, newest: 0, events: [] }),
  },
  {
    name: 'is the same endpoint with a trailing slash',
    given: publishFour,
    question: { target: '/internal/worker-events/?type=warmed' },
    status: 200,
    body: shows({ events: [warmed] }),
  },
  {
    name: 'is mounted where its path says',
    api: { path: '/ops/bus/' },
    given: publishFour,
    question: { target: '/ops/bus?type=warmed' },
    status: 200,
    body: shows({ events: [warmed] }),
  },
  {
    name: 'answers HEAD with the headers of GET and no body',
    given: publishFour,
    question: { method: 'HEAD', query: '?channel=' },
    status: 200,
    body: shows({ channel: '', events: all }),
  },
  ...['text/html,application/xhtml+xml,*/*;q=0.8', '*/*', 'application/json', 'image/png', ';;;', ''].map((accept) => ({
    name: `answers with JSON who accepts ${JSON.stringify(accept)}`,
    given: publishFour,
    question: { headers: { accept } },
    status: 200,
    body: shows({ events: ours }),
  })),
]

const locked = { api: { readKey: 'seven' }, given: publishFour }
const refused = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: errorBody('unauthorized: invalid read key', 'ERR_UNAUTHORIZED'),
}

const keys: readonly Exchange[] = [
  { ...locked, name: 'refuses who has no read key', question: {}, ...refused },
  { ...locked, name: 'refuses a wrong read key', question: { query: '?key=six' }, ...refused },
  { ...locked, name: 'refuses the head, too', question: { method: 'HEAD' }, ...refused },
  {
    ...locked,
    name: 'refuses the live tail, too',
    question: { headers: { accept: 'text/event-stream' } },
    ...refused,
  },
  {
    ...locked,
    name: 'takes a read key',
    question: { query: '?key=seven' },
    status: 200,
    body: shows({ events: ours }),
  },
]

export const inspections: readonly Exchange[] = [...rings, ...filters, ...garbage, ...payloads, ...keys]
