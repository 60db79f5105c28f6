// Load: clients that ask without pause, each over a connection of its own, and remember everything that goes wrong.
import { Pool } from 'undici'

export class Load {
  failures = []
  answered = 0
  #isOver = false
  #clients
  #pool

  constructor(origin, clients) {
    this.#pool = new Pool(origin, { connections: clients })
    this.#clients = Array.from({ length: clients }, () => this.#run())
  }

  async stop() {
    this.#isOver = true
    await Promise.all(this.#clients)
    await this.#pool.close()
  }

  async #run() {
    while (!this.#isOver) {
      try {
        const { statusCode, body } = await this.#pool.request({ path: '/', method: 'GET' })
        await body.text()
        if (statusCode !== 200) this.failures.push(`status ${statusCode}`)
      } catch (error) {
        this.failures.push(error.message)
      }
      this.answered++
    }
  }
}
