// Runs the application of parts loaded by `require`.
const { run } = require('./application.cjs')

const [platform, ...rest] = process.argv.slice(2)
const { version } = require('@nestjs/core/package.json')
void run(
  {
    common: require('@nestjs/common'),
    core: require('@nestjs/core'),
    platform: require(`@nestjs/platform-${platform}`),
    nest: require('@worker-events/nest'),
    testing: require('@worker-events/nest/testing'),
    terminus: require('@worker-events/nest/terminus'),
  },
  [...rest, version],
)
