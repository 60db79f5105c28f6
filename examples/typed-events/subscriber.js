// A process that handles orders. What does not fit the schema never reaches the handler, whoever published it.

import { WorkerEvents } from '@worker-events/core'
import { orderEvents, reports } from './order-events.js'

const dues = []
const refused = []

const bus = WorkerEvents.open({
  zone: 'typed-events',
  onError: (error, event) => {
    refused.push(error.code)
    console.log(`  subscriber ${process.pid}: ${error.code} at ${event?.channel}/${event?.type}, handler not called`)
  },
})

bus.subscribe(orderEvents.placed, ({ id, total, due }) => {
  dues.push(due.toISOString())
  console.log(`  subscriber ${process.pid}: order ${id} over ${total}, due in ${due.getUTCFullYear()}`)
})
bus.subscribe(orderEvents.closed, () => {
  bus.publish(reports.ended, { dues, refused })
  bus.close()
})

// An open bus alone would not keep this process running.
bus.ref()
