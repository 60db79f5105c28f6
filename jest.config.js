// Two projects: `unit` loads the TypeScript sources through swc; `process` starts child processes and worker threads.
// Those do not inherit jest's transform and run what was built, so `process` needs `npm run build` first.

// Relative imports carry `.js`, as Node wants them; in a source folder that name stands for the `.ts` file.
const sources = { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] }

const project = (displayName, files) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: sources,
  ...files,
})

const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
}

export default {
  // For a machine that is busy: nothing here is about time, and what hangs still fails.
  testTimeout: 30_000,
  projects: [
    project('unit', {
      testMatch: ['<rootDir>/packages/*/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.process\\.test\\.ts$'],
    }),
    // What is proved on the newest major of Nest is proved on the one before it, too.
    project('nest-11', {
      testMatch: ['<rootDir>/packages/nest/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.process\\.test\\.ts$', 'schema-pipe\\.test\\.ts$'],
      globals: { nestMajor: 11 },
      moduleNameMapper: { ...sources, '^@nestjs/(.*)$': '<rootDir>/packages/nest-11/node_modules/@nestjs/$1' },
    }),
    project('process', { testMatch: ['<rootDir>/packages/*/test/**/*.process.test.ts'] }),
  ],
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
}
