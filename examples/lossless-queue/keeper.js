// A keeper: writes every order into a ledger of its own, one line each, in the order in which they come.

import { closeSync, openSync, writeSync } from 'node:fs'
import { openOrders } from './zone.js'

const ledger = openSync(process.argv[2], 'w')

const bus = openOrders({
  onMissed: ({ count }) => {
    console.error(`pid ${process.pid} missed ${count} orders`)
    process.exitCode = 1
  },
})
bus.subscribe('orders', 'placed', ({ producer, n }) => {
  writeSync(ledger, `${producer} ${n}\n`)
})
bus.subscribe('orders', 'closed', () => {
  closeSync(ledger)
  bus.close()
})

// An open bus alone would not keep this process running.
bus.ref()
