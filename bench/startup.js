// Whole processes, from fork to exit: a bare one, one that imports the core, one that also opens an existing zone.
import { spawnSync } from 'node:child_process'
import { WorkerEvents } from '@worker-events/core'
import { start } from './transports/worker-events.js'

const { times } = JSON.parse(process.argv[2])
const { info: directory, stop } = start()
const bus = WorkerEvents.open({ zone: 'startup', directory })

const core = import.meta.resolve('@worker-events/core')
const opening = `WorkerEvents.open({ zone: 'startup', directory: ${JSON.stringify(directory)} })`
const programs = {
  bare: '',
  import: `import { WorkerEvents } from ${JSON.stringify(core)}`,
  open: `import { WorkerEvents } from ${JSON.stringify(core)}\n${opening}`,
}
const rounds = { bare: [], import: [], open: [] }
for (let time = 0; time < times; time++) {
  for (const [name, program] of Object.entries(programs)) {
    const started = performance.now()
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
    if (status !== 0) throw new Error(`the process "${name}" ended with ${status}`)
    rounds[name].push(performance.now() - started)
  }
}
bus.close()
stop()
process.send(rounds, () => process.exit(0))
