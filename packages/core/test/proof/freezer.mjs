/** The kernel's freezer: a control group whose processes do not run, whatever is sent to them. */
import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { until } from './stage.mjs'

const ROOT = '/sys/fs/cgroup'

/** The two versions of control groups: where this process is, and how a group is frozen. */
const versions = [
  {
    name: 'cgroup v2',
    parent: (groups) => path.join(ROOT, /^0::(.*)$/m.exec(groups)?.[1] ?? ''),
    file: 'cgroup.freeze',
    frozen: '1',
    thawed: '0',
    isFrozen: (group) => /^frozen 1$/m.test(fs.readFileSync(path.join(group, 'cgroup.events'), 'latin1')),
  },
  {
    name: 'cgroup v1',
    parent: (groups) => path.join(ROOT, 'freezer', /^\d+:freezer:(.*)$/m.exec(groups)?.[1] ?? ''),
    file: 'freezer.state',
    frozen: 'FROZEN',
    thawed: 'THAWED',
    isFrozen: (group) => fs.readFileSync(path.join(group, 'freezer.state'), 'latin1').startsWith('FROZEN'),
  },
]

/** A group of one's own. */
class Freezer {
  #version
  #group

  constructor(version, group) {
    this.#version = version
    this.#group = group
    this.name = version.name
  }

  #write(file, text) {
    fs.writeFileSync(path.join(this.#group, file), text)
  }

  async freeze(pid) {
    this.#write('cgroup.procs', String(pid))
    this.#write(this.#version.file, this.#version.frozen)
    await until('the group is frozen', () => this.#version.isFrozen(this.#group))
  }

  async thaw() {
    this.#write(this.#version.file, this.#version.thawed)
    await until('the group is thawed', () => !this.#version.isFrozen(this.#group))
  }

  /** When nobody is left in it. */
  close() {
    fs.rmdirSync(this.#group)
  }
}

/** Makes a freezer; or says why none is to be had here, which is for root alone on most systems. */
export function openFreezer() {
  const groups = fs.readFileSync('/proc/self/cgroup', 'latin1')
  const reasons = []
  for (const version of versions) {
    const group = path.join(version.parent(groups), `worker-events-proof-${process.pid}-${Date.now()}`)
    try {
      fs.mkdirSync(group)
      const file = path.join(group, version.file)
      // Outside a control group's file system this would be a folder like any other.
      if (fs.existsSync(file)) return { freezer: new Freezer(version, group) }
      fs.rmdirSync(group)
      reasons.push(`${version.name}: no ${version.file}`)
    } catch ({ code }) {
      reasons.push(`${version.name}: ${code}`)
    }
  }
  return { reason: reasons.join(', ') }
}
