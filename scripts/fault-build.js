// Builds the core for the proof: a copy of `dist` in which every comment `// fault: NAME` is a call that a test can hook,
// and which carries, if one is asked for, a seeded bug. What ships stays as it is: there the points are comments.
//
//     node scripts/fault-build.js [MUTANT]     prints the directory of the build
//     node scripts/fault-build.js --points     prints the names of the points
//     node scripts/fault-build.js --mutants    prints the names of the seeded bugs

import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { mutants } from './mutants.js'

const root = path.join(import.meta.dirname, '..')
const dist = path.join(root, 'packages/core/dist')
// Nothing packs, lints or commits this folder, and the dependencies of the core are found from it.
const cache = path.join(root, 'node_modules/.cache/worker-events')
const POINT = /^( *)\/\/ fault: ([a-z.-]+)$/gm

function sources(directory) {
  const files = fs.readdirSync(directory, { recursive: true })
  return files.filter((file) => file.endsWith('.js'))
}

/** Names of all fault points, in order. */
export function faultPoints() {
  const names = sources(dist).flatMap((file) => {
    return [...fs.readFileSync(path.join(dist, file), 'utf8').matchAll(POINT)].map(([, , name]) => name)
  })
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new Error(`two fault points are called ${repeated}`)
  return names.sort()
}

/** Applies one edit of a seeded bug; a text that is not there, or there twice, is an error. */
function edited(text, { file, find, replace }, mutant) {
  const found = text.split(find).length - 1
  if (found !== 1) throw new Error(`mutant ${mutant}: ${file} contains ${found} times, not once: ${find}`)
  return text.replace(find, () => replace)
}

/** Makes the build, with a seeded bug if one is named; returns its directory, which is new for each call. */
export function faultBuild(mutant) {
  if (mutant !== undefined && !Object.hasOwn(mutants, mutant)) throw new Error(`there is no mutant ${mutant}`)
  const edits = mutant === undefined ? [] : mutants[mutant].edits
  fs.mkdirSync(cache, { recursive: true })
  const directory = fs.mkdtempSync(path.join(cache, 'fault-'))
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }\n')
  for (const file of sources(dist)) {
    const own = edits.filter((edit) => edit.file === file)
    const text = own.reduce(
      (before, edit) => edited(before, edit, mutant),
      fs.readFileSync(path.join(dist, file), 'utf8'),
    )
    const target = path.join(directory, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    const call = "$1globalThis[Symbol.for('worker-events.fault')]?.('$2');"
    fs.writeFileSync(target, text.replace(POINT, call).replace(/^\/\/# sourceMappingURL=.*$/m, ''))
  }
  const missing = edits.find(({ file }) => !fs.existsSync(path.join(dist, file)))
  if (missing !== undefined) throw new Error(`mutant ${mutant}: there is no ${missing.file}`)
  return directory
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const argument = process.argv[2]
  if (argument === '--points') console.log(faultPoints().join('\n'))
  else if (argument === '--mutants') console.log(Object.keys(mutants).join('\n'))
  else console.log(faultBuild(argument))
}
