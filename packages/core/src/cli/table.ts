/** Rows as aligned lines: numbers to the right, text to the left, nothing that moves a terminal's cursor. */
import { printable } from './printable.js'

export type Cell = string | number

/** The lines of a table, headings first, each cut at `columns`. */
export function tableLines(headings: readonly string[], rows: readonly (readonly Cell[])[], columns: number): string[] {
  const isNumeric = headings.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const texts = [headings, ...rows].map((row) => row.map((cell) => printable(String(cell))))
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => row[column].length)))
  return texts.map((row) => {
    const cells = row.map((text, column) =>
      isNumeric[column] ? text.padStart(widths[column]) : text.padEnd(widths[column]),
    )
    return cut(cells.join('  ').trimEnd(), columns)
  })
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
}

/** A time as a person reads it; 0 is never. */
export function timeCell(milliseconds: number): string {
  return milliseconds === 0 ? '-' : new Date(milliseconds).toISOString()
}
