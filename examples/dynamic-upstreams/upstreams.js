// The upstreams that a process proxies to: one pool of connections for each, all exchanged at once when the list changes.
import { Pool } from 'undici'

export class Upstreams {
  version = 0
  #pools = new Map()
  #inRotation = []
  #turn = 0

  /** Takes over a list of `{ url, draining }`, unless it knows that one or a newer. */
  activate({ version, peers }) {
    if (version <= this.version) return
    this.version = version
    const urls = peers.map(({ url }) => url)
    for (const url of urls) if (!this.#pools.has(url)) this.#pools.set(url, new Pool(url))
    this.#inRotation = peers.filter(({ draining }) => !draining).map(({ url }) => this.#pools.get(url))
    for (const [url, pool] of this.#pools) {
      if (urls.includes(url)) continue
      this.#pools.delete(url)
      // Resolves when what it has begun is answered; nothing is dropped.
      void pool.close()
    }
  }

  /** The pool whose turn it is; `undefined` if there is none. */
  next() {
    return this.#inRotation[this.#turn++ % this.#inRotation.length]
  }

  async close() {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
  }
}
