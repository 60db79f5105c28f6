// The packages of this repository: their directories and manifests.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', 'packages')

export const packages = () =>
  readdirSync(root).map((name) => {
    const directory = join(root, name)
    return { directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) }
  })
