// What a figure depends on: the machine, its system, Node, and how busy all that was.
import fs from 'node:fs'
import os from 'node:os'

function releaseName() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

export function machine() {
  const cores = os.cpus()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const system = `${releaseName() ?? os.type()}, kernel ${os.release()}`
  return `${cores.length} × ${cores[0]?.model.trim()}, ${memory} GB, ${system}, Node ${process.version}`
}

/** Load averages of one, five and fifteen minutes. */
export function load() {
  return os
    .loadavg()
    .map((one) => one.toFixed(2))
    .join(', ')
}
