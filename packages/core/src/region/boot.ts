/** Which boot of the machine this is: a zone of an earlier one may lie on a disk, and nobody can be attached to it. */
import fs from 'node:fs'

let boot: string | undefined

/** The name of this boot; empty where the system does not say. */
export function bootId(): string {
  return (boot ??= readBootFile())
}

function readBootFile(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
