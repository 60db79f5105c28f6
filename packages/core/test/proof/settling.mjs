/** A heap without garbage. */
import process from 'node:process'
import v8 from 'node:v8'
import vm from 'node:vm'

v8.setFlagsFromString('--expose-gc')
export const collect = vm.runInNewContext('gc')

/** Live heap of this process, in bytes, once all that is garbage is gone. */
export async function settledHeap() {
  for (let least = Infinity; ;) {
    // What is let go in a finalizer or in the next turn is garbage only then.
    await new Promise(setImmediate)
    collect()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external >= least) return least
    least = heapUsed + external
  }
}
