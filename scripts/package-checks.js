// What users would install: packs each built package and asks publint and "are the types wrong" about the tarball.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packages } from './packages.js'

const run = (command, args) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0

const built = packages().filter(({ directory }) => existsSync(join(directory, 'dist')))
const failed = built.filter(({ directory, manifest }) => {
  console.log(`\n${manifest.name}`)
  const linted = run('publint', ['--strict', directory])
  const typed = run('attw', ['--pack', directory, '--profile', 'esm-only'])
  return !linted || !typed
})

if (failed.length > 0) {
  console.error(`\nFailed: ${failed.map(({ manifest }) => manifest.name).join(', ')}`)
  process.exitCode = 1
}
