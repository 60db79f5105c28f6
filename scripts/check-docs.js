// Holds the documents to the truth: links lead somewhere, code compiles against the built packages, whole programs run.
//
//   ```js, ```ts           type-checked, each block as a module of its own
//   ```js run              executed instead, in a zone directory of its own; a ```text block right after it is its
//                          output, where … stands for anything
//   <!-- preamble … -->    imports and declarations that all blocks of the page may use without showing them

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')
const PROGRAM_TIME = 20_000

const problems = []
const report = (page, line, problem) => problems.push(`${relative(root, page)}:${line} ${problem}`)

function allPages() {
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
  const files = listed.stdout.split('\n').filter((file) => file !== '')
  return files.map((file) => join(root, file)).filter((file) => existsSync(file))
}

/** A page as its prose, its fenced blocks and its preamble; lines keep their numbers. */
function readPage(file) {
  const blocks = []
  const prose = []
  let open
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const [, fence, info] = /^\s*(`{3,})(.*)$/.exec(line) ?? []
    if (open !== undefined && fence === open.fence && info === '') open = undefined
    else if (open !== undefined) open.lines.push(line)
    else if (fence !== undefined) {
      open = { fence, lang: info.trim().split(' ')[0], runs: / run\b/.test(info), line: index + 1, lines: [] }
      blocks.push(open)
    }
    prose.push(open === undefined && fence === undefined ? line : '')
  }
  const [, preamble = ''] = /<!-- preamble\n(.*?)-->/s.exec(prose.join('\n')) ?? []
  return { file, prose, blocks, preamble }
}

function anchorsOf(file) {
  const headings = readPage(file).prose.filter((line) => /^#{1,6} /.test(line))
  return headings.map((line) => {
    const text = line.replace(/^#+ /, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    return text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
  })
}

function checkLinks({ file, prose }) {
  for (const [index, line] of prose.entries()) {
    for (const [, target] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path, anchor] = decodeURI(target).split('#')
      const place = path === '' ? file : resolve(dirname(file), path)
      // A link to a folder shows its page.
      const page = join(place, 'README.md')
      const aim = existsSync(page) ? page : place
      if (!existsSync(aim)) report(file, index + 1, `dead link: ${target}`)
      else if (anchor !== undefined && aim.endsWith('.md') && !anchorsOf(aim).includes(anchor)) {
        report(file, index + 1, `no such heading: ${target}`)
      }
    }
  }
}

const isCode = ({ lang }) => ['js', 'ts', 'javascript', 'typescript'].includes(lang)
const isImport = (line) => /^import\b/.test(line)

/** Declarations of the preamble as globals, so that a block may declare the same name for itself. */
function asGlobals(preamble) {
  const lines = preamble.split('\n')
  const inner = lines.filter((line) => !isImport(line)).map((line) => line.replace(/^declare /, ''))
  return [...lines.filter(isImport), 'declare global {', ...inner, '}', 'export {}'].join('\n')
}

const importedNames = (line) => /\{(.*)\}/.exec(line)?.[1].match(/\w+/g) ?? []

/** A block as a module. What it uses of the preamble's imports comes last, where it holds as well and moves no line. */
function asModule({ lines }, preamble) {
  const own = lines.filter(isImport).join('\n')
  const isMissing = (line) => /^import \{/.test(line) && !importedNames(line).some((name) => own.includes(name))
  return [...lines, ...preamble.split('\n').filter(isMissing), 'export {}'].join('\n')
}

const { compilerOptions } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config
const ofBuild = ['composite', 'declaration', 'declarationMap', 'sourceMap', 'rootDir', 'outDir', 'tsBuildInfoFile']
const checking = Object.entries(compilerOptions).filter(([name]) => !ofBuild.includes(name))
const { options } = ts.convertCompilerOptionsFromJson(
  { ...Object.fromEntries(checking), noEmit: true, allowJs: true, checkJs: true },
  root,
)
const libraries = new Map()

function hostOf(sources) {
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.readFile = (name) => sources.get(name) ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    if (sources.has(name)) return ts.createSourceFile(name, sources.get(name), ...rest)
    if (!libraries.has(name)) libraries.set(name, getSourceFile.call(host, name, ...rest))
    return libraries.get(name)
  }
  return host
}

// JavaScript need not say the types of parameters, nor of what it catches.
const isUntyped = ({ code, file }) =>
  file?.fileName.endsWith('.js') && ((code >= 7000 && code < 7100) || code === 18046)

function checkTypes({ file, blocks, preamble }) {
  const code = blocks.filter((block) => isCode(block) && !block.runs)
  if (code.length === 0) return
  const nameOf = ({ line, lang }) => `${file}.${line}.${lang.startsWith('t') ? 'ts' : 'js'}`
  const byName = new Map(code.map((block) => [nameOf(block), block]))
  const sources = new Map(code.map((block) => [nameOf(block), asModule(block, preamble)]))
  sources.set(`${file}.preamble.ts`, asGlobals(preamble))
  const program = ts.createProgram([...sources.keys()], options, hostOf(sources))
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    if (isUntyped(diagnostic)) continue
    const block = byName.get(diagnostic.file?.fileName)
    const at = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start).line ?? 0
    report(
      file,
      block === undefined ? 1 : block.line + 1 + at,
      ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
    )
  }
}

const matches = (output, expected) => {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^]*?')}$`).test(output)
}

/** Runs a program from a folder in which the packages resolve, but nobody looks. */
function runProgram({ file, blocks }, block) {
  const folder = join(root, 'node_modules', '.cache', 'check-docs')
  mkdirSync(folder, { recursive: true })
  const zones = mkdtempSync(join(tmpdir(), 'check-docs-'))
  const path = join(folder, `${basename(file, '.md')}-${block.line}.mjs`)
  writeFileSync(path, block.lines.join('\n'))
  const env = { ...process.env, WORKER_EVENTS_DIR: zones }
  const { status, stdout, stderr, error } = spawnSync('node', [path], { env, encoding: 'utf8', timeout: PROGRAM_TIME })
  rmSync(zones, { recursive: true })
  const expected = blocks[blocks.indexOf(block) + 1]
  if (status !== 0) report(file, block.line, `the program failed: ${error?.message ?? stderr}`)
  else if (expected?.lang === 'text' && !matches(stdout.trim(), expected.lines.join('\n').trim())) {
    report(file, block.line, `the program's output is another:\n${stdout}`)
  }
}

const pages = allPages().map(readPage)
for (const page of pages) {
  checkLinks(page)
  checkTypes(page)
  for (const block of page.blocks.filter(({ runs }) => runs)) runProgram(page, block)
}
for (const problem of problems) console.error(problem)
const count = pages
  .flatMap(({ blocks }) => blocks)
  .filter(({ lang }) => /^(js|ts|javascript|typescript)$/.test(lang)).length
console.log(`${pages.length} pages, ${count} blocks of code, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
