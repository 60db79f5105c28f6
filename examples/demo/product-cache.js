// A cache in the memory of one process, in front of a source that takes its time.

import { setTimeout } from 'node:timers/promises'

/** What the source takes for one product, in milliseconds. */
const SOURCE_TIME = 300

export class ProductCache {
  /** Promises, so that requests which arrive while the source is being read wait for the same answer. */
  #products = new Map()

  async read(id) {
    const cached = this.#products.get(id)
    const product = cached ?? readSource(id)
    // Kept from the start: what is dropped while it is being read does not come back when it arrives.
    if (cached === undefined) this.#products.set(id, product)
    return { product: await product, isHit: cached !== undefined }
  }

  /** True if the product was there. */
  drop(id) {
    return this.#products.delete(id)
  }

  clear() {
    this.#products.clear()
  }
}

async function readSource(id) {
  await setTimeout(SOURCE_TIME)
  return { id, name: `Product ${id}`, readAt: new Date().toISOString() }
}
