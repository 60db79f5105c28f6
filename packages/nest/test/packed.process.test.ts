import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../..')
const ours = ['core', 'nest']

/** A folder as a user's: our packages as they are packed, and one major of Nest. */
function install(major: string): string {
  const folder = mkdtempSync(join(tmpdir(), `nest-${major}-`))
  for (const name of ours) {
    const packed = ['pack', '--silent', '--pack-destination', folder, join(root, 'packages', name)]
    const tarball = execFileSync('npm', packed, { encoding: 'utf8' }).trim()
    const place = join(folder, 'node_modules/@worker-events', name)
    mkdirSync(place, { recursive: true })
    execFileSync('tar', ['-xzf', join(folder, tarball), '-C', place, '--strip-components', '1'])
  }
  const nest = join(root, major === '11' ? 'packages/nest-11/node_modules' : 'node_modules')
  link(folder, nest, ...readdirSync(join(nest, '@nestjs')).map((name) => `@nestjs/${name}`))
  const core = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')) as { dependencies: object }
  link(folder, join(root, 'node_modules'), 'reflect-metadata', 'rxjs', ...Object.keys(core.dependencies))
  cpSync(join(import.meta.dirname, 'packed'), folder, { recursive: true })
  return folder
}

function link(folder: string, from: string, ...names: readonly string[]): void {
  for (const name of names) {
    const place = join(folder, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(from, name), place)
  }
}

describe.each(['12', '11'])('the packed package, with Nest %s', (major) => {
  let folder: string
  beforeAll(() => {
    folder = install(major)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['express', 'by-import.mjs'],
    ['express', 'by-require.cjs'],
    ['fastify', 'by-import.mjs'],
    ['fastify', 'by-require.cjs'],
  ])(
    'does on %s, loaded %s, all that an application needs, and lets its process end',
    async (platform, program) => {
      const args = ['--disable-warning=ExperimentalWarning', join(folder, program), platform, join(folder, 'zones')]
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 })
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual({
        version: expect.stringMatching(`^${major}\\.`) as unknown,
        seen: expect.arrayContaining([
          ['endpoint', 200, 'published'],
          ['handler', 'tag:assets'],
          ['observable', 'tag:assets'],
          ['terminus', 'function'],
          ['tail', true],
        ]) as unknown,
      })
    },
    20_000,
  )
})
