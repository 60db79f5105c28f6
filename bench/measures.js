// What is measured. Each measure runs its rounds interleaved (every subject once, then every subject again) and gives
// for each subject the rounds of each figure.
import { mean, quantile } from './statistics.js'
import { runIn } from './round.js'
import { rivals } from './rivals.js'

/** Runs every subject once a round; a round that fails is told, and counts as none. */
async function interleaved({ rounds, progress }, subjects) {
  const results = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(subjects)) {
      progress(`round ${round + 1}/${rounds} ${name}`)
      try {
        for (const [figure, value] of Object.entries(await run())) {
          results[name] ??= {}
          ;(results[name][figure] ??= []).push(value)
        }
      } catch (error) {
        progress(`round ${round + 1}/${rounds} ${name} failed: ${error.message}\n`)
      }
    }
  }
  return results
}

function fleets(context, names, jobFor) {
  const subjects = names.map((name) => [name, () => runIn('host.js', { transport: name, ...jobFor(name) })])
  return interleaved(context, Object.fromEntries(subjects))
}

const scaled = (count, { quick }) => Math.ceil(quick ? count / 20 : count)

async function throughput(context, workers, publishers) {
  const results = await fleets(context, context.transports, (name) => ({
    job: 'throughput',
    workers,
    publishers,
    count: scaled(rivals[name].count / publishers, context),
  }))
  for (const [name, { isLossless }] of Object.entries(results)) {
    if (!isLossless.includes(false)) continue
    context.progress(`${name} lost or disordered events: its figures mean nothing and are left out\n`)
    delete results[name]
  }
  return results
}

/** The warm-up is as long as V8 compiles what runs a thousand times a second, which takes seconds, and processor time. */
async function latency(context, every, warmUp, count) {
  const names = [...context.transports.filter((name) => !rivals[name].isCeiling), 'fs-watch']
  // One more worker than four: the publisher, who is not counted.
  const job = { job: 'latency', workers: 5, publishers: 1, every, warmUp, count }
  const results = await fleets(context, names, () => job)
  for (const result of Object.values(results)) {
    for (const [figure, share] of Object.entries({ p50: 0.5, p90: 0.9, p99: 0.99 })) {
      result[figure] = result.latencies.map((latencies) => quantile(latencies, share) / 1000)
    }
    delete result.latencies
  }
  return results
}

const inOneProcess = (script, name, job) => (context) => {
  return interleaved(context, { [name]: () => runIn(script, job(context)) })
}
const batches = ({ quick }) => (quick ? 60 : 600)

/** Name of the measure → how it is run; the names are those of `--only`. */
export const measures = {
  ...Object.fromEntries(
    [1, 2, 4, 8].map((workers) => [`throughput-${workers}`, (context) => throughput(context, workers, 1)]),
  ),
  'throughput-all': (context) => throughput(context, 4, 4),
  latency: (context) => latency(context, 1, scaled(4000, context), scaled(2000, context)),
  'latency-cold': (context) => latency(context, 1, scaled(400, context), scaled(1000, context)),
  'latency-idle': (context) => latency(context, 150, 3, 12),
  publish: inOneProcess('micro.js', 'publish', (context) => ({ job: 'publish', batches: batches(context) })),
  crowd: inOneProcess('micro.js', 'crowd', (context) => {
    return { job: 'crowd', batches: batches(context), sizes: [1, 2, 4, 8, 16, 32] }
  }),
  deliver: inOneProcess('micro.js', 'deliver', (context) => ({ job: 'deliver', batches: batches(context) })),
  poll: inOneProcess('micro.js', 'poll', (context) => ({ job: 'poll', batches: batches(context) })),
  idle: async (context) => {
    const job = { job: 'idle', workers: 4, publishers: 1, seconds: context.quick ? 1 : 4 }
    const results = await fleets(context, ['bare', 'bare-timer', 'worker-events-default'], () => job)
    // One of the workers looks for all: what a worker costs is the mean of them.
    for (const result of Object.values(results)) result.cpu = result.cpu.map(mean)
    return results
  },
  memory: async (context) => {
    const job = { job: 'memory', workers: 4, publishers: 1 }
    const results = await fleets(context, ['bare', 'worker-events-default'], () => job)
    for (const result of Object.values(results)) result.rss = result.rss.flat()
    return results
  },
  startup: inOneProcess('startup.js', 'startup', ({ quick }) => ({ times: quick ? 2 : 7 })),
  endpoint: (context) => {
    const run = (framework) => () => runIn('web.js', { framework, seconds: context.quick ? 0.5 : 2 })
    return interleaved(context, { fastify: run('fastify'), koa: run('koa') })
  },
  nest: inOneProcess('nest.js', 'nest', (context) => ({ batches: batches(context) })),
}

/** The measures that a choice of worker counts leaves. */
export function chosen(names, workers) {
  return names.filter((name) => {
    const [, count] = /^throughput-(\d+)$/.exec(name) ?? []
    return count === undefined || workers.includes(Number(count))
  })
}
