/** What is refused and how; and of two faults, which one is told. */
import { Buffer } from 'node:buffer'
import type { Question } from './client.js'
import { errorBody } from './documents.js'
import type { Exchange } from './exchange.js'
import { post } from './publications.js'
import { CHANNEL } from './stage.js'

type Row = Pick<Exchange, 'status' | 'headers' | 'body'>

const row = (status: number, error: string, code: string, headers: Exchange['headers'] = {}): Row => {
  return { status, headers, body: errorBody(error, code) }
}

const rows = {
  method: row(405, 'method not allowed', 'ERR_METHOD_NOT_ALLOWED', { allow: 'GET, HEAD, POST' }),
  mediaType: row(415, 'content-type must be application/json', 'ERR_UNSUPPORTED_MEDIA_TYPE'),
  key: row(401, 'unauthorized: invalid publish key', 'ERR_UNAUTHORIZED', { 'www-authenticate': 'Bearer' }),
  tooLarge: row(413, 'request body too large', 'ERR_BODY_TOO_LARGE'),
  missing: row(400, 'missing request body', 'ERR_MISSING_BODY'),
  json: row(400, 'invalid JSON', 'ERR_INVALID_JSON'),
  noType: row(400, "missing or invalid 'type' field", 'ERR_INVALID_TYPE'),
  type: row(400, "'type' must be 1-64 bytes", 'ERR_INVALID_TYPE'),
  channel: row(400, "'channel' must be 1-64 bytes", 'ERR_INVALID_CHANNEL'),
  unique: row(400, "'unique' must be 1-256 bytes", 'ERR_INVALID_UNIQUE'),
  payload: row(413, 'payload too large', 'ERR_PAYLOAD_TOO_LARGE'),
  closed: row(503, 'the bus is closed', 'ERR_CLOSED', { 'retry-after': '1' }),
  full: row(503, 'the ring is full', 'ERR_RING_FULL', { 'retry-after': '1' }),
  keys: row(503, 'too many unique keys are in use', 'ERR_UNIQUE_FULL', { 'retry-after': '1' }),
}

function refuses(name: string, question: Question, answer: Row, rest: Partial<Exchange> = {}): Exchange {
  return { name: `refuses ${name}`, question, ...answer, ...rest }
}

const plain = { 'content-type': 'text/plain' }
const locked = { api: { publishKey: 'seven' } }
const large = 'x'.repeat(2 ** 21)
const fields = (value: object): Question => post(JSON.stringify(value))

const methods: readonly Exchange[] = [
  refuses('another method', { method: 'DELETE' }, rows.method),
  refuses('OPTIONS', { method: 'OPTIONS' }, rows.method),
  refuses('a method that frameworks do not route', { method: 'PROPFIND' }, rows.method),
  refuses('another method with a body', { ...post('{"type":"purged"}'), method: 'PUT' }, rows.method),
  refuses('another method before its type', { method: 'PATCH', headers: plain, body: large }, rows.method, locked),
]

const types: readonly Exchange[] = [
  refuses('text', post('{"type":"purged"}', '', plain), rows.mediaType),
  refuses('a body without a type', { method: 'POST', body: '{"type":"purged"}' }, rows.mediaType),
  refuses('no body and no type', { method: 'POST' }, rows.mediaType),
  refuses(
    'what only starts like JSON',
    post('{}', '', { 'content-type': 'application/json-patch+json' }),
    rows.mediaType,
  ),
  refuses('what is no media type', post('{}', '', { 'content-type': '?' }), rows.mediaType),
  refuses('an empty media type', post('{}', '', { 'content-type': '' }), rows.mediaType),
  refuses('a type before a key', post(large, '', plain), rows.mediaType, locked),
]

const keys: readonly Exchange[] = [
  refuses('who has no key', post('{"type":"purged"}'), rows.key, locked),
  refuses('an empty key', post('{"type":"purged"}', '?key='), rows.key, locked),
  refuses('a wrong key', post('{"type":"purged"}', '?key=Seven'), rows.key, locked),
  refuses('a key of another name', post('{"type":"purged"}', '?KEY=seven'), rows.key, locked),
  refuses('another scheme', post('{"type":"purged"}', '', { authorization: 'Basic seven' }), rows.key, locked),
  refuses('a bearer of nothing', post('{"type":"purged"}', '', { authorization: 'Bearer' }), rows.key, locked),
  refuses('a read key for publishing', post('{"type":"purged"}', '?key=six'), rows.key, {
    api: { publishKey: 'seven', readKey: 'six' },
  }),
  refuses('a key before a large body', post(large, '?key=six'), rows.key, locked),
]

const bodies: readonly Exchange[] = [
  refuses('2 MiB', post(large), rows.tooLarge),
  refuses('2 MiB in chunks', post([large.slice(0, 7), large.slice(7)]), rows.tooLarge),
  refuses('a byte more than the limit', post('{"type":"purged"} '), rows.tooLarge, { api: { bodyLimit: 17 } }),
  refuses('a chunk more than the limit', post(['{"type":"purged"}', ' ']), rows.tooLarge, { api: { bodyLimit: 17 } }),
  refuses('no body', post(undefined), rows.missing),
  refuses('a body of no bytes', post(''), rows.missing),
  refuses('chunks of no bytes', post(undefined, '', { 'transfer-encoding': 'chunked' }), rows.missing),
  refuses('white space', post(' \n'), rows.json),
  refuses('half a document', post('{"type":"pur'), rows.json),
  refuses('two documents', post('{"type":"purged"}{"type":"purged"}'), rows.json),
  refuses('what is not UTF-8', post(Buffer.from('{"type":"purg\xe9d"}', 'latin1')), rows.json),
  refuses('half a character', post(Buffer.from('{"type":"🐘"}').subarray(0, 12)), rows.json),
  refuses('JSON for people', post("{type:'purged'}"), rows.json),
  refuses('nesting without an end', post('['.repeat(10_000)), rows.json),
]

const names: readonly Exchange[] = [
  ...['[]', 'null', '"purged"', '1', '{}', '[{"type":"purged"}]', '{"type":null}', '{"type":["purged"]}'].map((text) =>
    refuses(text, post(text), rows.noType),
  ),
  refuses('a type of a prototype', post('{"__proto__":{"type":"purged"}}'), rows.noType),
  refuses('an empty type', fields({ type: '' }), rows.type),
  refuses('a type of 65 bytes', fields({ type: `${'🐘'.repeat(16)}x` }), rows.type),
  refuses('a type with an asterisk', fields({ type: 'a.*' }), rows.type),
  refuses('a type that has no UTF-8', post('{"type":"\\ud83d"}'), rows.type),
  ...['', 'x'.repeat(65), '*', 'a*b', null, 7, ['orders'], {}].map((channel) =>
    refuses(`channel ${JSON.stringify(channel)}`, fields({ type: 'purged', channel }), rows.channel),
  ),
  ...['', 'x'.repeat(257), null, 7, {}].map((unique) =>
    refuses(`unique ${JSON.stringify(unique)}`, fields({ type: 'purged', unique }), rows.unique),
  ),
  refuses('no type before a wrong channel', fields({ channel: '' }), rows.noType),
  refuses('a wrong type before a wrong channel', fields({ type: '', channel: '' }), rows.type),
  refuses('a wrong channel before a wrong key', fields({ type: 'purged', channel: '', unique: '' }), rows.channel),
  refuses(
    'a wrong key before a large payload',
    fields({ type: 'purged', unique: '', payload: 'x'.repeat(2000) }),
    rows.unique,
  ),
]

const large2k = fields({ type: 'purged', payload: 'x'.repeat(2000) })

const circumstances: readonly Exchange[] = [
  refuses('a payload that the zone cannot carry', large2k, rows.payload),
  refuses('a large payload before a closed bus', large2k, rows.payload, { given: ({ bus }) => bus.close() }),
  refuses('a wrong key before a closed bus', fields({ type: 'purged', unique: '' }), rows.unique, {
    given: ({ bus }) => bus.close(),
  }),
  refuses('to publish on a closed bus', fields({ type: 'purged' }), rows.closed, { given: ({ bus }) => bus.close() }),
  refuses('to show a closed bus', {}, rows.closed, { given: ({ bus }) => bus.close() }),
  refuses('to show the head of a closed bus', { method: 'HEAD' }, rows.closed, { given: ({ bus }) => bus.close() }),
  refuses('to follow a closed bus', { headers: { accept: 'text/event-stream' } }, rows.closed, {
    given: ({ bus }) => bus.close(),
  }),
  refuses('to overwrite what others have not read', fields({ type: 'purged' }), rows.full, {
    zone: { ringSize: 1, overflow: 'reject' },
    given: ({ bus }) => void bus.publish(CHANNEL, 'purged'),
  }),
  refuses('a unique key too many', fields({ type: 'purged', unique: 'b' }), rows.keys, {
    zone: { uniqueKeys: 1 },
    given: ({ bus }) => void bus.publish(CHANNEL, 'purged', 1, { unique: 'a' }),
  }),
]

export const refusals: readonly Exchange[] = [...methods, ...types, ...keys, ...bodies, ...names, ...circumstances]
