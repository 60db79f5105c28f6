import type { Outcome } from './wakeups.mjs'

export function storm(options: {
  build: string
  seed: number
  points: readonly string[]
  milliseconds: number
}): Promise<Outcome>
