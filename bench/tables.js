// The figures of each measure as rows: what a table and a chart show.
import { rivals } from './rivals.js'
import { summary } from './statistics.js'

const titles = {
  'fs-watch': 'bare `fs.watch` wake-up',
  bare: 'bare worker',
  'bare-timer': 'bare worker with an empty timer of 100 ms',
  'worker-events-default': 'worker-events, default options',
}
const titleOf = (name) => rivals[name]?.title ?? titles[name] ?? name

const fleetRows = (figure) => (result) => {
  const rows = Object.entries(result).map(([name, figures]) => ({
    title: titleOf(name),
    ...summary(figures[figure].flat()),
  }))
  return rows.filter(({ median }) => Number.isFinite(median))
}
const figureRows = (titlesOf) => (result) => {
  const [figures] = Object.values(result)
  return Object.entries(titlesOf).map(([figure, title]) => ({ title, ...summary(figures[figure].flat()) }))
}
const divided = (rows, by) => (result) => {
  return rows(result).map(({ title, median, low, high }) => ({
    title,
    median: median / by,
    low: low / by,
    high: high / by,
  }))
}
const throughput = (workers, publishers) => [
  {
    title: `Throughput, ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${publishers}`,
    unit: 'events/s',
    rows: fleetRows('rate'),
  },
  {
    title: `CPU per million deliveries, ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${publishers}`,
    unit: 'CPU seconds',
    rows: fleetRows('cpuPerMillion'),
  },
]
const latency = (when) => {
  return ['p50', 'p90', 'p99'].map((figure) => ({
    title: `Latency ${figure}, 4 workers, ${when}`,
    unit: 'µs',
    rows: fleetRows(figure),
  }))
}
const calls = { unit: 'ns' }

/** By measure: its tables, each with a title, a unit and its rows of median, lowest and highest round. */
export const tables = {
  'throughput-1': throughput(1, 'one publisher'),
  'throughput-2': throughput(2, 'one publisher'),
  'throughput-4': throughput(4, 'one publisher'),
  'throughput-8': throughput(8, 'one publisher'),
  'throughput-all': throughput(4, 'all publish'),
  latency: latency('1,000 events/s'),
  'latency-cold': latency('1,000 events/s, from the start'),
  'latency-idle': latency('one event every 150 ms'),
  publish: [
    {
      ...calls,
      title: 'publish() beside JSON',
      rows: figureRows({ stringify: '`JSON.stringify`', parse: '`JSON.parse`', publish: '`publish()`' }),
    },
  ],
  crowd: [
    {
      ...calls,
      title: 'publish() by workers awake',
      rows: figureRows(
        Object.fromEntries([1, 2, 4, 8, 16, 32].map((size) => [size, `${size} ${size === 1 ? 'worker' : 'workers'}`])),
      ),
    },
  ],
  deliver: [
    {
      ...calls,
      title: 'Delivery beside JSON',
      rows: figureRows({ stringify: '`JSON.stringify`', parse: '`JSON.parse`', deliver: 'one delivery by `poll()`' }),
    },
  ],
  poll: [
    { ...calls, title: 'poll() with nothing new', rows: figureRows({ load: '`Atomics.load`', poll: '`poll()`' }) },
  ],
  idle: [{ title: 'Idle CPU per second and worker', unit: 'ms', rows: fleetRows('cpu') }],
  memory: [{ title: 'RSS per worker', unit: 'MB', rows: divided(fleetRows('rss'), 2 ** 20) }],
  startup: [
    {
      title: 'Whole process, start to exit',
      unit: 'ms',
      rows: figureRows({ bare: 'bare', import: 'imports core', open: 'imports core and opens an existing zone' }),
    },
  ],
  endpoint: ['fastify', 'koa'].map((framework) => ({
    title: `GET with 100 events, ${framework === 'koa' ? 'Koa' : 'Fastify'}`,
    unit: 'requests/s',
    rows: (result) =>
      figureRows({ prepared: 'a prepared string of that length', endpoint: 'the endpoint' })({ it: result[framework] }),
  })),
  nest: [
    {
      ...calls,
      title: 'Nest, one event to one handler',
      rows: figureRows({
        emitter: '`@nestjs/event-emitter`',
        local: '`@OnWorkerEvent`, `publishLocal`',
        broadcast: '`@OnWorkerEvent`, `publish` (JSON, through the ring)',
      }),
    },
  ],
}
