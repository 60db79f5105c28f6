import type { Outcome } from './wakeups.mjs'

export function soak(options: {
  build: string
  seed: number
  milliseconds: number
  warmUp?: number
  isOld?: boolean
}): Promise<Outcome>
