// A producer: places its orders as fast as the slowest keeper of a ledger allows.

import { openOrders, place } from './zone.js'

const [name, count] = process.argv.slice(2)
const bus = openOrders()

let waits = 0
for (let n = 1; n <= Number(count); n++) await place(bus, { producer: name, n }, () => waits++)
process.send({ waits })
