/** What an exploration is asked for. */
export interface Request {
  readonly mutant?: string
  readonly runs: number
  readonly seed: number
  readonly isBrief?: boolean
  readonly deadline?: number
}

/** What came of it. */
export interface Exploration {
  readonly seed: number
  readonly runs: number
  readonly steps: number
  readonly milliseconds: number
  readonly passed: Readonly<Record<string, number>>
  readonly violations: readonly string[]
  /** The plan that showed them, as JSON. */
  readonly plan: string | undefined
}

/** Runs plans that follow from the seed, and shrinks the first that violates something unless `isBrief`. */
export function explore(request: Request): Promise<Exploration>

/** Names of all fault points, in order. */
export function faultPoints(): string[]

/** Makes a fault build, with a seeded bug if one is named; returns its directory. */
export function faultBuild(mutant?: string): string

/** Seeded bugs by name, in words. */
export const mutants: Readonly<Record<string, { readonly bug: string }>>
