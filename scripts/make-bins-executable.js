// tsc writes files without the executable bit, and npm sets it only in packages it unpacks, not in workspaces.

import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { packages } from './packages.js'

for (const { directory, manifest } of packages()) {
  for (const bin of Object.values(manifest.bin ?? {})) {
    const file = join(directory, bin)
    if (existsSync(file)) chmodSync(file, 0o755)
  }
}
