// One file for the package and one for its command. Some eighty small modules cost a worker 20 ms at its start and 5 MB
// for as long as it lives; the modules in dist are what the tests run, and where the types are.
import { defineConfig } from 'rolldown'

export default defineConfig({
  cwd: import.meta.dirname,
  input: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  platform: 'node',
  tsconfig: false,
  external: [/^node:/, /^[^./]/],
  output: {
    dir: 'bundle',
    format: 'esm',
    sourcemap: true,
    chunkFileNames: 'shared.js',
    cleanDir: true,
    comments: false,
  },
})
