/** The garbage collector, for tests of what is held and what is not. */
import { setImmediate as turn } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'

v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc') as () => void

/**
 * Collects until a condition holds. Who asks a `WeakRef` keeps its target for the rest of that turn of the event loop, so
 * each collection has a turn of its own.
 */
export async function collectUntil(holds: () => boolean): Promise<void> {
  do {
    await turn()
    gc()
    await turn()
  } while (!holds())
}

/** Bytes of the heap that are in use, after a full collection. */
export async function heapInUse(): Promise<number> {
  for (let each = 0; each < 3; each++) {
    gc()
    await turn()
  }
  return process.memoryUsage().heapUsed
}
