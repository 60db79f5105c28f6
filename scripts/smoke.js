// The way of a newcomer, walked literally: packs each package, and for each of their READMEs makes an empty folder, runs
// its line `npm install`, and runs its first program, once as a module and once as CommonJS. Shows how long each took.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { packages } from './packages.js'

/** For one program, in milliseconds. */
const TIME_LIMIT = 60_000

/** Processes of each program, all of which must say something. */
const WORKERS = 4

/** What applications have before they install the package. */
const applications = { '@worker-events/nest': ['@nestjs/platform-express', 'reflect-metadata'] }

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const place = mkdtempSync(join(tmpdir(), 'worker-events-smoke-'))
process.once('exit', () => (values.keep ? console.log(place) : rmSync(place, { recursive: true, force: true })))

const built = packages().filter(({ directory, manifest }) => !manifest.private && existsSync(join(directory, 'dist')))
const tarballs = new Map(built.map(({ directory, manifest: { name } }) => [name, pack(directory)]))

for (const { directory, manifest } of built) {
  const readme = readWay(readFileSync(join(directory, 'README.md'), 'utf8'))
  // What works beyond one machine needs more than an empty folder.
  if (readme === undefined) {
    console.log(`${manifest.name}: its README begins with no program of its own`)
    continue
  }
  walk(manifest.name, readme)
}

function pack(directory) {
  const packed = npm(place, 'pack', '--silent', '--pack-destination', place, directory)
  return join(place, packed.trim().split('\n').at(-1))
}

/** The install line and the program that a README begins with. */
function readWay(text) {
  const [, names] = /^ {4}npm install (.*?)(?: +#.*)?$/m.exec(text) ?? []
  const [, language, program] = /^```(js run|ts(?: run)?)\n([^]*?)^```$/m.exec(text) ?? []
  if (names === undefined || program === undefined || !program.includes('cluster')) return undefined
  return { names: names.split(/\s+/), language: language.slice(0, 2), program }
}

function walk(name, { names, language, program }) {
  const folder = join(place, basename(name))
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "smoke", "private": true }\n')
  const wanted = [...(applications[name] ?? []), ...names].map((wish) => tarballs.get(wish) ?? wish)
  const installed = time(() => npm(folder, 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', ...wanted))
  writeFileSync(join(folder, 'app.mjs'), language === 'ts' ? transpile(program, ts.ModuleKind.ESNext) : program)
  writeFileSync(join(folder, 'app.cjs'), transpile(asScript(program), ts.ModuleKind.CommonJS))
  const imported = time(() => run(folder, 'app.mjs'))
  const required = time(() => run(folder, 'app.cjs'))
  console.log(`${name}: installed in ${installed}, runs by import in ${imported}, by require in ${required}`)
}

function run(folder, file) {
  const env = { ...process.env, WORKER_EVENTS_DIR: join(folder, `zones-${file}`) }
  const options = { cwd: folder, env, encoding: 'utf8', timeout: TIME_LIMIT, killSignal: 'SIGKILL' }
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [file], options)
  const told = `${folder}/${file} ended by ${signal ?? `status ${status}`}:\n${stdout}${stderr}`
  assert.equal(status, 0, told)
  const workers = Array.from(stdout.matchAll(/^worker (\d+)\b/gm), ([, worker]) => worker)
  assert.equal(new Set(workers).size, WORKERS, told)
}

/** CommonJS has no `await` outside of functions. */
function asScript(program) {
  const isImport = /^import [^;]*?['"][^'"]+['"]$/gm
  const imports = program.match(isImport).join('\n')
  return `${imports}\nvoid (async () => {\n${program.replaceAll(isImport, '')}\n})()\n`
}

function transpile(program, module) {
  const target = ts.ScriptTarget.ES2022
  const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true }
  const compilerOptions = { module, target, esModuleInterop: true, ...decorators }
  return ts.transpileModule(program, { compilerOptions }).outputText
}

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

function time(walkStep) {
  const start = performance.now()
  walkStep()
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
