// Runs the application of parts loaded by `import`.
import { createRequire } from 'node:module'
import { run } from './application.cjs'

const load = (name) => import(name)
const [platform, ...rest] = process.argv.slice(2)
const { version } = createRequire(import.meta.url)('@nestjs/core/package.json')
await run(
  {
    common: await load('@nestjs/common'),
    core: await load('@nestjs/core'),
    platform: await load(`@nestjs/platform-${platform}`),
    nest: await load('@worker-events/nest'),
    testing: await load('@worker-events/nest/testing'),
    terminus: await load('@worker-events/nest/terminus'),
  },
  [...rest, version],
)
