import { tableLines, timeCell } from '../../src/cli/table.js'

describe('a table', () => {
  it('sets numbers to the right and text to the left, under their headings', () => {
    const rows = [
      ['a', 5, 'first'],
      ['longer', 1234, ''],
    ]
    expect(tableLines(['NAME', 'COUNT', 'NOTE'], rows, Infinity)).toEqual([
      'NAME    COUNT  NOTE',
      'a           5  first',
      'longer   1234',
    ])
  })

  it('sets a placeholder among numbers to the right', () => {
    expect(tableLines(['COUNT'], [[12], ['-']], Infinity)).toEqual(['COUNT', '   12', '    -'])
  })

  it('cuts what is wider than the terminal, and nothing else', () => {
    expect(tableLines(['A'], [['12345'], ['123456']], 5)).toEqual(['A', '12345', '1234…'])
  })

  it('shows what could move a cursor or turn the direction of text as an escape', () => {
    expect(tableLines(['A'], [['\u001b[2J\n\u009b\u202e']], Infinity)[1]).toBe('\\u001b[2J\\u000a\\u009b\\u202e')
  })
})

describe('a time', () => {
  it('is shown to the millisecond in UTC, and as a dash if it never was', () => {
    expect([0, 1763740800123].map(timeCell)).toEqual(['-', '2025-11-21T16:00:00.123Z'])
  })
})
