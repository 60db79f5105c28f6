/** The wire of last resort: nothing carries a strike here, so the listener looks every few milliseconds. */
import type { Wire } from './wire.js'

/** How often it looks, in milliseconds. */
const EVERY = 5

export class TimerWire implements Wire {
  readonly #onStrike: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(onStrike: () => void) {
    this.#onStrike = onStrike
  }

  strike(): void {
    // Others have wires of their own.
  }

  listen(): void {
    this.#timer ??= setInterval(this.#onStrike, EVERY).unref()
  }

  mute(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  close(): void {
    this.mute()
  }
}
