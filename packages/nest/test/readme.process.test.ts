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

/** The block of the page that declares a class, and what all blocks import. */
function blockOf(name: string): string {
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block)
  return blocks.find((block) => block.includes(`class ${name} `)) ?? ''
}
const imports =
  /<!-- preamble\n(.*?)-->/s
    .exec(page)?.[1]
    .match(/^import .*$/gm)
    ?.join('\n') ?? ''

const application = `
import { NestFactory } from '@nestjs/core'
import { getWorkerEventsToken } from '@worker-events/nest'

const zones = [undefined, 'metrics'].map((name) => WorkerEventsTestingModule.forRoot({ name }))
@Module({ imports: [...zones, HealthModule], controllers: [Dashboard] })
class App {}
const app = await NestFactory.create(App, { logger: ['error'] })
await app.listen(0, '127.0.0.1')
const url = await app.getUrl()
const { status, details } = await (await fetch(url + '/health')).json()
const stream = await fetch(url + '/dashboard/purges')
const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader()
app.get(getWorkerEventsToken('metrics')).publish('cache', 'purged')
let text = ''
while (!text.includes('data:')) text += (await reader.read()).value
console.log(JSON.stringify({ status, events: details.events.status, data: /data: (.*)/.exec(text)[1] }))
await reader.cancel()
await app.close()
`

/** Workers have other numbers, and another order, in each run. */
const shapeOf = (output: string): string[] => output.trim().replace(/\d+/g, '#').split('\n').sort()

describe('the README', () => {
  // Where the packages resolve, but nobody looks.
  const folder = join(root, 'node_modules', '.cache', 'nest-readme')
  const zones = mkdtempSync(join(tmpdir(), 'nest-readme-'))
  afterAll(() => {
    for (const each of [folder, zones]) rmSync(each, { recursive: true, force: true })
  })

  async function run(program: string): Promise<string> {
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
    return stdout
  }

  it('shows on its first screen a program that does what it says', async () => {
    const { program, output } = shown()
    expect(shapeOf(await run(program))).toEqual(shapeOf(output))
  }, 20_000)

  it('shows a dashboard and a health check that an application serves', async () => {
    const program = [imports, blockOf('Dashboard'), blockOf('HealthController'), application].join('\n')
    const served = { status: 'ok', events: 'up', data: '{"purges":1}' }
    expect(JSON.parse(await run(program))).toEqual(served)
  }, 20_000)
})
