/** `worker-events rm`: removes a zone that no worker uses. */
import { checkPlace } from '../options.js'
import { defaultDirectory } from '../region/directory.js'
import { removeZone } from '../region/file.js'
import type { Command } from './command.js'

export const rm: Command = {
  operands: 'ZONE',
  summary: 'Removes a zone and all its events; refuses while a worker lives.',
  details: 'A damaged zone can be removed too; a file that never was one is left alone.',
  flags: {},
  async run(given, output) {
    const [zone] = given.operands
    const directory = given.text('directory') ?? defaultDirectory()
    checkPlace({ zone, directory }, 'rm')
    removeZone(zone, directory)
    const removed = { module: 'worker_events', status: 'removed', zone }
    await output.write(output.isForPerson ? `removed ${zone}` : JSON.stringify(removed))
  },
}
