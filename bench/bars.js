// The bars that the figures of one run are held against. Ratios are of medians of the same run.
import { median } from './statistics.js'
import { rivals } from './rivals.js'

const us = 'worker-events'

/** The median of a figure of a subject of a measure; `undefined` if it was not measured. */
function reader(results) {
  return (measure, subject, figure) => {
    const rounds = results[measure]?.[subject]?.[figure]
    return rounds === undefined ? undefined : median(rounds.flat())
  }
}

const times = (value) => `${value.toPrecision(3)} ×`
const millis = (value) => `${value.toFixed(2)} ms`
const megabytes = (value) => `${(value / 2 ** 20).toFixed(2)} MB`

function atLeast(measure, bar, value, least, show = times) {
  return { measure, bar, value: value && show(value), isReached: value >= least, isMeasured: Number.isFinite(value) }
}

function atMost(measure, bar, value, most, show = times) {
  return { measure, bar, value: value && show(value), isReached: value <= most, isMeasured: Number.isFinite(value) }
}

function throughputBars(of) {
  const rate = (measure, name) => of(measure, name, 'rate')
  const against = (name) => rate('throughput-4', us) / rate('throughput-4', name)
  const measure = 'throughput, 1 publisher, N = 4'
  return [
    atLeast(measure, '≥ 1.5 × the Unix-socket broker', against('socket-broker'), 1.5),
    atLeast(measure, '≥ 4 × BroadcastChannel', against('broadcast-channel'), 4),
    atLeast(measure, '≥ 8 × ioredis', against('ioredis'), 8),
    atLeast(measure, '≥ 12 × cluster IPC', against('cluster-ipc'), 12),
    atLeast(
      'throughput, N = 1',
      '≥ 1.4 × the Unix-socket broker',
      rate('throughput-1', us) / rate('throughput-1', 'socket-broker'),
      1.4,
    ),
    atLeast(
      'all 4 workers publish',
      "≥ the Unix-socket broker's",
      rate('throughput-all', us) / rate('throughput-all', 'socket-broker'),
      1,
    ),
    atLeast(
      'all 4 workers publish',
      '≥ 0.7 × the one-publisher total',
      rate('throughput-all', us) / rate('throughput-4', us),
      0.7,
    ),
  ]
}

function cpuBars(of) {
  const cpu = (name) => of('throughput-4', name, 'cpuPerMillion')
  const json = (of('deliver', 'deliver', 'parse') + of('deliver', 'deliver', 'stringify') / 4) / 1000
  const measure = 'CPU per million deliveries, N = 4'
  return [
    atMost(measure, '≤ 0.65 × the Unix-socket broker', cpu(us) / cpu('socket-broker'), 0.65),
    atMost(measure, '≤ 2 × (`JSON.parse` + `JSON.stringify` / 4)', cpu(us) / json, 2),
  ]
}

function callBars(of) {
  const publish = of('publish', 'publish', 'publish') / of('publish', 'publish', 'stringify')
  return [
    atMost('`publish()`', '≤ 2 × `JSON.stringify` of the payload', publish, 2),
    atMost(
      '`publish()`, 32 workers awake',
      '≤ 1.3 × with 1',
      of('crowd', 'crowd', '32') / of('crowd', 'crowd', '1'),
      1.3,
    ),
    atMost(
      '`poll()` with nothing new',
      '≤ 5 × one `Atomics.load`',
      of('poll', 'poll', 'poll') / of('poll', 'poll', 'load'),
      5,
    ),
  ]
}

function latencyBars(results, of) {
  const others = Object.keys(results.latency ?? {}).filter((name) => rivals[name] && !rivals[name].isOurs)
  const best = (names, figure) => Math.min(...names.map((name) => of('latency', name, figure)))
  const own = (figure) => of('latency', us, figure)
  const between = others.filter((name) => !rivals[name].usesThreads)
  return [
    atMost('latency p50 at 1,000/s, N = 4', '≤ every rival between processes', own('p50') / best(between, 'p50'), 1),
    atMost(
      'latency p50 at 1,000/s, N = 4',
      '≤ 1.5 × a bare `fs.watch` wake-up of 4 watchers',
      own('p50') / of('latency', 'fs-watch', 'p50'),
      1.5,
    ),
    atMost('latency p99 at 1,000/s, N = 4', '≤ every rival', own('p99') / best(others, 'p99'), 1),
  ]
}

function footprintBars(of) {
  const startup = (name) => of('startup', 'startup', name)
  const rss = of('memory', 'worker-events-default', 'rss') - of('memory', 'bare', 'rss')
  const web = (framework) => of('endpoint', framework, 'endpoint') / of('endpoint', framework, 'prepared')
  return [
    atMost('idle', '≤ 1 ms CPU per second and worker', of('idle', 'worker-events-default', 'cpu'), 1, millis),
    atMost('memory', 'default zone ≤ 2 MB', of('memory', 'worker-events-default', 'zoneBytes'), 2 * 2 ** 20, megabytes),
    atMost('memory', '≤ 8 MB RSS per worker above a bare worker', rss, 8 * 2 ** 20, megabytes),
    atMost('import of core', '≤ 60 ms', startup('import') - startup('bare'), 60, millis),
    atMost('`open` on an existing zone', '≤ 10 ms', startup('open') - startup('import'), 10, millis),
    atLeast('GET with 100 events, Fastify', '≥ 0.7 × sending a prepared string', web('fastify'), 0.7),
    atLeast('GET with 100 events, Koa', '≥ 0.7 × sending a prepared string', web('koa'), 0.7),
    atMost(
      'Nest handler, singleton, no enhancers',
      '≤ 1.5 × `@nestjs/event-emitter` per event',
      of('nest', 'nest', 'local') / of('nest', 'nest', 'emitter'),
      1.5,
    ),
  ]
}

/** Every bar with what was measured, and whether it is reached. */
export function bars(results) {
  const of = reader(results)
  return [...throughputBars(of), ...cpuBars(of), ...callBars(of), ...latencyBars(results, of), ...footprintBars(of)]
}
