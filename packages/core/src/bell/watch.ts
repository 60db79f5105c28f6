/**
 * The wire between processes: one byte written to the bell file, which every worker watches by inotify.
 *
 * A store into mapped memory raises no notification, `write` does; always the same byte, so that the file never grows
 * and a full file system cannot refuse it. Who opens a zone whose bell file somebody removed makes the file again. When
 * inotify is exhausted (128 instances per user by default, and each event loop takes one) the worker falls back to a
 * timer, says so once, and goes on striking for the others.
 */
import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { TimerWire } from './timer.js'
import type { Wire } from './wire.js'

const { O_WRONLY, O_CREAT, O_NOFOLLOW } = fs.constants
const BYTE = Buffer.from([0])
let warned = false

export class WatchWire implements Wire {
  readonly #file: string
  readonly #fd: number | undefined
  readonly #onStrike: () => void
  #watcher: fs.FSWatcher | undefined
  #fallback: TimerWire | undefined

  /** @param strikes false for one who only listens, and may not write */
  constructor(file: string, onStrike: () => void, strikes = true) {
    this.#file = file
    this.#onStrike = onStrike
    this.#fd = strikes ? fs.openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600) : undefined
  }

  strike(): void {
    if (this.#fd === undefined) return
    try {
      fs.writeSync(this.#fd, BYTE, 0, 1, 0)
    } catch {
      // The slow poll of whoever sleeps finds the event.
    }
  }

  listen(): void {
    if (this.#watcher !== undefined || this.#fallback !== undefined) return
    try {
      this.#watcher = fs.watch(this.#file, { persistent: false }, this.#onStrike)
      this.#watcher.on('error', this.#useFallback)
    } catch (error) {
      this.#useFallback(error)
    }
  }

  mute(): void {
    this.#watcher?.close()
    this.#fallback?.close()
    this.#watcher = this.#fallback = undefined
  }

  close(): void {
    this.mute()
    if (this.#fd !== undefined) fs.closeSync(this.#fd)
  }

  readonly #useFallback = (error: unknown): void => {
    this.#watcher?.close()
    this.#watcher = undefined
    warnOnce(error)
    this.#fallback = new TimerWire(this.#onStrike)
    this.#fallback.listen()
  }
}

function warnOnce(error: unknown): void {
  if (warned) return
  warned = true
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  process.emitWarning(`the bell file cannot be watched (${code}), so events are polled for every few milliseconds`, {
    code: 'WORKER_EVENTS_NO_WATCH',
    detail: 'Raise fs.inotify.max_user_instances and fs.inotify.max_user_watches.',
  })
}
