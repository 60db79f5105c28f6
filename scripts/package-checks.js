// What users would install: packs each public package, holds its manifest and its contents to what is promised, and asks
// publint and "are the types wrong" about it.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { packages } from './packages.js'

const read = (path) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
const root = JSON.parse(read('package.json'))
const { version } = JSON.parse(read('lerna.json'))

const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0

const failed = packages()
  .filter(({ manifest }) => !manifest.private)
  .filter(({ directory, manifest }) => {
    console.log(`\n${manifest.name}`)
    const problems = [...manifestProblems(manifest, directory), ...contentProblems(manifest, directory)]
    for (const problem of problems) console.error(`  ${problem}`)
    const linted = run('publint', ['--strict', directory])
    const typed = run('attw', ['--pack', directory, '--profile', 'esm-only'])
    return problems.length > 0 || !linted || !typed
  })

if (failed.length > 0) {
  console.error(`\nFailed: ${failed.map(({ manifest }) => manifest.name).join(', ')}`)
  process.exitCode = 1
}

/** What a registry, npm and provenance need of a manifest; and that a framework is the application's, never ours. */
function manifestProblems(manifest, directory) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {}, exports = {} } = manifest
  const ours = Object.entries(dependencies).filter(([name]) => name.startsWith('@worker-events/'))
  const peers = Object.keys(peerDependencies)
  const where = { type: 'git', url: manifest.repository?.url, directory: `packages/${directory.split(/[/\\]/).at(-1)}` }
  const promises = {
    'version is that of lerna.json': manifest.version === version,
    'license is that of the repository': manifest.license === root.license,
    'engines are those of the repository': isDeepStrictEqual(manifest.engines, root.engines),
    'publishConfig is public, with provenance': isDeepStrictEqual(manifest.publishConfig, {
      access: 'public',
      provenance: true,
    }),
    'repository names the directory, which provenance is checked against': isDeepStrictEqual(
      manifest.repository,
      where,
    ),
    'repository has an address': /^git\+https:\/\/.+\.git$/.test(where.url),
    'description and keywords say what to find it by': Boolean(manifest.description && manifest.keywords?.length > 2),
    'type is module': manifest.type === 'module',
    'exports are closed, and show package.json': exports['./package.json'] === './package.json' && !('./*' in exports),
    'packages of this repository are wanted in this very version': ours.every(([, range]) => range === version),
    'peers are not dependencies too': peers.every((name) => !(name in dependencies)),
    'peers are installed for the tests': peers.every((name) => name in devDependencies || name in root.devDependencies),
    'nothing runs when it is installed': ['preinstall', 'install', 'postinstall'].every(
      (name) => !(name in (manifest.scripts ?? {})),
    ),
  }
  return broken(promises)
}

/** What is in the tarball, and what is not. */
function contentProblems({ exports }, directory) {
  const entry = Object.values(exports['.']).map((file) => file.slice('./'.length))
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', directory], { encoding: 'utf8' }))
  const paths = files.map(({ path }) => path)
  const inPackage = (name) => existsSync(join(directory, name)) && readFileSync(join(directory, name), 'utf8')
  const isExpected = (path) => /^(bin|bundle|dist|src)\/|^(LICENSE|README\.md|package\.json)$/.test(path)
  const isBy = /\.(tsbuildinfo|tgz)$|(^|\/)test\/|\.test\./
  return broken({
    'it is built': entry.every((file) => paths.includes(file)),
    'the licence is in it, as it is in the repository': inPackage('LICENSE') === read('LICENSE'),
    'the README is in it, and begins with how to install it': /^ {4}npm install @worker-events\//m.test(
      inPackage('README.md') || '',
    ),
    'sources are in it, as source maps point there': paths.some((path) => path.startsWith('src/')),
    'nothing else is in it': paths.every((path) => isExpected(path) && !isBy.test(path)),
  })
}

function broken(promises) {
  return Object.entries(promises)
    .filter(([, holds]) => !holds)
    .map(([promise]) => `does not hold: ${promise}`)
}
