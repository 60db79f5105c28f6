import js from '@eslint/js'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const core = 'packages/core/src'

// The layers of core, top to bottom: a file imports from its own layer and from those below, never from above.
// Whatever has no name here (ring, bell, registry, dispatcher, …) makes up the middle layer.
const middle = []
const layers = [
  ['index', 'cli'],
  ['api'],
  ['worker-events'],
  middle,
  ['region'],
  ['layout'],
  ['event', 'errors', 'options', 'names', 'payload', 'json'],
]

// A concept is a file or a folder of that name.
const paths = (names) => `${core}/@(${names.join('|')}){.ts,/**}`
const unnamedPaths = paths(layers.flat()).replace('@(', '!(')

const importDirection = layers.slice(1).map((layer, index) => ({
  target: layer === middle ? unnamedPaths : paths(layer),
  from: layers.slice(0, index + 1).map((upper) => (upper === middle ? unnamedPaths : paths(upper))),
  message: 'Imports point down; see the layers in eslint.config.js.',
}))

const restrictedImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

export default defineConfig(
  globalIgnores(['**/dist/', '**/bundle/', '**/coverage/', 'docs/api/']),
  js.configs.recommended,
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An `async` without `await` turns what it throws into a rejection, as callers of promises expect.
      '@typescript-eslint/require-await': 'off',
      // An index into shared memory that was just computed is known to be in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // The option types of Nest are classes that serve as mere shapes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A Nest module is a class with nothing but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
  },
  {
    name: 'small files, small functions',
    files: ['packages/*/src/**/*.ts'],
    rules: { 'max-lines': ['error', 300], 'max-lines-per-function': ['error', 50] },
  },
  {
    name: 'the layers of core',
    files: [`${core}/**/*.ts`],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: importDirection }],
      'import-x/no-cycle': 'error',
      'no-console': 'warn',
      ...restrictedImports({ group: ['koffi'], message: 'Only region/libc.ts knows koffi.' }),
    },
  },
  { files: [`${core}/region/libc.ts`], rules: { 'no-restricted-imports': 'off' } },
  { files: [`${core}/cli/**/*.ts`], rules: { 'no-console': 'off' } },
  {
    name: 'adapters use the door of core',
    files: ['packages/*/src/**/*.ts'],
    ignores: [`${core}/**`],
    rules: restrictedImports({
      group: ['@worker-events/*', '!@worker-events/core', '**/core/src/**', '**/core/dist/**'],
      message: "Adapters import '@worker-events/core' and nothing behind it.",
    }),
  },
)
