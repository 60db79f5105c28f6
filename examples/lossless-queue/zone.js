// The zone of the orders: far too small for them, and nothing in it is overwritten before everybody has read it.

import { WorkerEvents } from '@worker-events/core'

export function openOrders(options = {}) {
  return WorkerEvents.open({ zone: 'orders', ringSize: 128, overflow: 'reject', ...options })
}

/** Publishes an order; waits first, as often as need be, until the slowest has read half of what is there. */
export async function place(bus, order, onWait) {
  for (;;) {
    try {
      return bus.publish('orders', 'placed', order)
    } catch (error) {
      if (error.code !== 'ERR_RING_FULL') throw error
    }
    onWait()
    await bus.drained({ below: bus.capacity / 2 })
  }
}
