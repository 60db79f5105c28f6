/** What an act came to. */
export interface Outcome {
  readonly violations: string[]
  readonly figures: Readonly<Record<string, unknown>>
}

export function wakeUps(options: { build: string; seed: number; events: number; sleepers: number }): Promise<Outcome>

export function dyingRinger(options: { build: string; seed: number; point: string }): Promise<string[]>

export function raceForKey(options: {
  build: string
  seed: number
  racers: number
  milliseconds: number
  life: number
}): Promise<Outcome>
