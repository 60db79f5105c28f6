/** The live tails that are being sent: kept awake by one timer, which runs only while there are any, and ended together. */

/** How often an idle tail sends a comment, in milliseconds. */
const BEAT_EVERY = 15_000

/** A tail as this file needs it. */
interface Tail {
  beat(): void
  end(): void
}

export class OpenTails {
  readonly #tails = new Set<Tail>()
  #timer: NodeJS.Timeout | undefined

  add(tail: Tail): void {
    this.#tails.add(tail)
    this.#timer ??= setInterval(this.#beat, BEAT_EVERY).unref()
  }

  delete(tail: Tail): void {
    this.#tails.delete(tail)
    if (this.#tails.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  endAll(): void {
    for (const tail of this.#tails) tail.end()
  }

  readonly #beat = (): void => {
    for (const tail of this.#tails) tail.beat()
  }
}
