import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

/** The first program of the page, and the output that the page shows. */
function shown(): { program: string; output: string } {
  const found = /^```ts\n(?<program>.*?)^```\n\n```console\n(?<output>.*?)^```/ms.exec(page)
  return found?.groups as { program: string; output: string }
}

/** Workers have other numbers, and another order, in each run. */
const shapeOf = (output: string): string[] => output.trim().replace(/\d+/g, '#').split('\n').sort()

describe('the README', () => {
  // Where the packages resolve, but nobody looks.
  const folder = join(root, 'node_modules', '.cache', 'nest-readme')
  const zones = mkdtempSync(join(tmpdir(), 'nest-readme-'))
  afterAll(() => {
    for (const each of [folder, zones]) rmSync(each, { recursive: true, force: true })
  })

  it('shows on its first screen a program that does what it says', async () => {
    const { program, output } = shown()
    const { compilerOptions } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) =>
      readFileSync(path, 'utf8'),
    ).config as { compilerOptions: object }
    const { options } = ts.convertCompilerOptionsFromJson(
      { ...compilerOptions, module: 'esnext', sourceMap: false },
      root,
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const { outputText } = ts.transpileModule(program, { compilerOptions: options, fileName: join(folder, 'main.ts') })
    writeFileSync(join(folder, 'main.js'), outputText)
    const env = { ...process.env, WORKER_EVENTS_DIR: zones }
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.js')], { env, timeout: 15_000 })
    expect(shapeOf(stdout)).toEqual(shapeOf(output))
  }, 20_000)
})
