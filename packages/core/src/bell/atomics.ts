/** The wire between threads: a word that counts strikes, which sleepers wait on without blocking. */
import { Header } from '../layout.js'
import type { Wire } from './wire.js'

const WORD = Header.bell / 4

/** The lib of this language level does not know `waitAsync` yet. */
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: false } | { async: true; value: Promise<'ok'> }

const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync }

export class SharedWire implements Wire {
  readonly #words: Int32Array
  readonly #onStrike: () => void
  /** A wait that ends after `mute` finds another listening than the one it was for, or none. */
  #listening: object | undefined

  constructor(words: Int32Array, onStrike: () => void) {
    this.#words = words
    this.#onStrike = onStrike
  }

  strike(): void {
    Atomics.add(this.#words, WORD, 1)
    Atomics.notify(this.#words, WORD)
  }

  listen(): void {
    if (this.#listening !== undefined) return
    this.#listening = {}
    this.#wait(this.#listening)
  }

  mute(): void {
    this.#listening = undefined
    // Lets go of the pending wait; for the other listeners it is a strike without need.
    Atomics.notify(this.#words, WORD)
  }

  close(): void {
    this.mute()
  }

  #wait(self: object): void {
    const heard = (): void => {
      if (this.#listening !== self) return
      this.#wait(self)
      this.#onStrike()
    }
    const result = waitAsync(this.#words, WORD, Atomics.load(this.#words, WORD))
    if (result.async) void result.value.then(heard)
    else setImmediate(heard)
  }
}
