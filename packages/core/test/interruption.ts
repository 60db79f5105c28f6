/**
 * Stops what runs between any two of its atomic steps, and lets others run there.
 *
 * All that workers do to each other they do by `Atomics`, so the points between those calls are the points where a stop
 * or a death can be noticed. Everything runs on one thread; what is stopped is the production code itself.
 */

const operations = ['load', 'store', 'add', 'exchange', 'compareExchange'] as const

type Operation = (...args: unknown[]) => unknown

/**
 * Runs `act` and, right before its n-th atomic step (from 1), `meanwhile`.
 * @returns whether it has so many steps, and what it returned
 */
export function stoppedBefore<T>(step: number, act: () => T, meanwhile: () => void): { reached: boolean; result: T } {
  const atomics = Atomics as unknown as Record<(typeof operations)[number], Operation>
  const originals = operations.map((name) => [name, atomics[name]] as const)
  const restore = (): void => {
    for (const [name, original] of originals) atomics[name] = original
  }
  let steps = 0
  for (const [name, original] of originals) {
    atomics[name] = (...args) => {
      if (++steps === step) {
        restore()
        meanwhile()
      }
      return original(...args)
    }
  }
  try {
    const result = act()
    return { reached: steps >= step, result }
  } finally {
    restore()
  }
}

/** Runs a history for each step at which it can be stopped; `history` says whether it has so many. Gives their number. */
export function atEveryStep(history: (step: number) => boolean): number {
  let step = 1
  while (history(step)) step++
  return step - 1
}
