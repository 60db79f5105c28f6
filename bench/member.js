// One worker of a fleet: connects by the transport it is told, publishes and receives as it is ordered, and checks what
// it gets. It does the same on every transport.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { now, payloadOf } from './payload.js'

/** Runs a member; `control` has `send(message)` and `onOrder(callback)`. */
export async function runMember({ id, transport, info, publishers }, control) {
  const { connect } = await import(`./transports/${transport}.js`)
  const latencies = []
  const next = new Map()
  let received = 0
  let disordered = 0
  let expected = Infinity
  let isTiming = false
  let seq = 0

  const receive = (payload) => {
    if (isTiming) latencies.push((payload.woken ?? now()) - payload.at)
    else {
      const due = next.get(payload.from) ?? 0
      if (payload.seq !== due) disordered++
      next.set(payload.from, payload.seq + 1)
    }
    received++
    tellReached()
  }
  const tellReached = () => {
    if (received < expected) return
    expected = Infinity
    control.send({ reached: id })
  }
  const link = await connect(info, { id, publishers, isPublisher: id < publishers }, receive)

  const orders = {
    /** Publishes as fast as the transport takes it; reports when so many events in total have arrived. */
    publish: async ({ count, total }) => {
      expected = total
      tellReached()
      for (let left = count; left > 0;) {
        const burst = Math.min(link.burst, left)
        for (let index = 0; index < burst; index++) link.publish(payloadOf(id, seq++))
        left -= burst
        await link.ready()
        await turn()
      }
    },
    /** Publishes one event every so many milliseconds. */
    pace: async ({ count, every }) => {
      const started = performance.now()
      for (let index = 0; index < count; index++) {
        const due = started + index * every - performance.now()
        if (due > 0) await sleep(due)
        link.publish(payloadOf(id, seq++, now()))
      }
      control.send({ paced: id })
    },
    time: () => {
      isTiming = true
    },
    report: () => {
      const { user, system } = process.cpuUsage()
      const report = { received, disordered, latencies, cpu: user + system, rss: process.memoryUsage.rss() }
      control.send({ report })
      latencies.length = 0
    },
    close: () => link.close(),
  }
  control.onOrder((order) => void orders[order.order](order))
  control.send({ ready: id })
}
