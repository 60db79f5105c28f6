import type { Outcome } from './wakeups.mjs'

export function pauses(options: {
  build: string
  seed: number
  /** Megabytes. */
  heap: number
  points: readonly string[]
  milliseconds: number
}): Promise<Outcome>
