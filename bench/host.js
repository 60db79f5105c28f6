// The process of one round: the primary of its workers. It does one job on one transport, reports it and ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fleet } from './fleet.js'

async function publishAll(fleet, { workers, publishers }, count, before) {
  const total = count * publishers
  const reached = fleet.hear('reached')
  const [started, cpu] = [performance.now(), fleet.cpu()]
  fleet.order((id) => ({ order: 'publish', count: id < publishers ? count : 0, total: before + total }))
  await reached
  const seconds = (performance.now() - started) / 1000
  return { rate: total / seconds, cpuPerMillion: (fleet.cpu() - cpu) / (total * workers) }
}

const jobs = {
  async throughput(fleet, job) {
    const warmUp = Math.ceil(job.count / 4)
    await publishAll(fleet, job, warmUp, 0)
    const result = await publishAll(fleet, job, job.count, warmUp * job.publishers)
    const reports = await fleet.report()
    const expected = (warmUp + job.count) * job.publishers
    const isLossless = reports.every(({ received, disordered }) => received === expected && disordered === 0)
    return { ...result, isLossless }
  },
  async latency(fleet, { warmUp, count, every }) {
    const run = async (times) => {
      const paced = fleet.hearFirst('paced')
      fleet.order((id) => (id === 0 ? { order: 'pace', count: times, every } : { order: 'time' }))
      await paced
      await sleep(100)
      const [, ...receivers] = await fleet.report()
      return receivers.flatMap(({ latencies }) => latencies)
    }
    await run(warmUp)
    return { latencies: await run(count) }
  },
  async idle(fleet, { seconds }) {
    await sleep(1500)
    const before = await fleet.report()
    await sleep(seconds * 1000)
    const after = await fleet.report()
    return { cpu: after.map(({ cpu }, id) => (cpu - before[id].cpu) / 1000 / seconds) }
  },
  async memory(fleet, { transport }) {
    const paced = fleet.hearFirst('paced')
    fleet.order((id) => (id === 0 ? { order: 'pace', count: 100, every: 2 } : { order: 'time' }))
    await paced
    const reports = await fleet.report()
    const { bytesOf } = await import(`./transports/${transport}.js`)
    return { rss: reports.map(({ rss }) => rss), zoneBytes: bytesOf?.(fleet.info) }
  },
}

const job = JSON.parse(process.argv[2])
const fleet = await Fleet.start(job)
const result = await jobs[job.job](fleet, job)
await fleet.stop()
process.send(result, () => process.exit(0))
