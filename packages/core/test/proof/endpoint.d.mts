import type { Outcome } from './wakeups.mjs'

export function attack(options: { build: string; seed: number; cases: number }): Promise<Outcome>
