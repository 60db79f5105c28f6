// The codes that programs test, and what the documents say about them.

import fs from 'node:fs'
import path from 'node:path'
import { errorCodes } from '../src/errors.js'

const root = path.resolve(import.meta.dirname, '../../..')

/** The codes that the first column of a table of a page names, from the top. */
function codesIn(page: string): string[] {
  const text = fs.readFileSync(path.join(root, page), 'utf8')
  return Array.from(text.matchAll(/^\| `(ERR_[A-Z_]+)` \|/gm), ([, code]) => code)
}

describe('the documents', () => {
  it('say of each error code, and of no other, when it comes and what to do', () => {
    expect(codesIn('docs/operations.md')).toEqual([...errorCodes])
  })
})
