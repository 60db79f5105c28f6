// Two projects: `unit` loads the TypeScript sources through swc; `process` starts child processes and worker threads.
// Those do not inherit jest's transform and run what was built, so `process` needs `npm run build` first.

const project = (displayName, files) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  // Relative imports carry `.js`, as Node wants them; in a source folder that name stands for the `.ts` file.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
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
  projects: [
    project('unit', {
      testMatch: ['<rootDir>/packages/*/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.process\\.test\\.ts$'],
    }),
    project('process', { testMatch: ['<rootDir>/packages/*/test/**/*.process.test.ts'] }),
  ],
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
}
