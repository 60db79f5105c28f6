// RESULTS.md: the bars, then a table and a chart for each measure.
import fs from 'node:fs'
import { bars } from './bars.js'
import { chart, shown } from './chart.js'
import { tables } from './tables.js'

const here = (name) => new URL(name, import.meta.url)

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function barsTable(results) {
  const rows = bars(results).map(({ measure, bar, value, isReached, isMeasured }) => {
    return [measure, bar, isMeasured ? value : 'not measured', !isMeasured ? '–' : isReached ? 'yes' : '**no**']
  })
  return table(['measure', 'bar', 'measured', 'reached'], rows)
}

/** Every table of a run with its rows. */
export function sections(results) {
  return Object.entries(tables).flatMap(([measure, list]) => {
    const result = results[measure]
    return result === undefined || Object.keys(result).length === 0
      ? []
      : list.map(({ title, unit, rows }) => ({ title, unit, rows: rows(result) }))
  })
}

const fileOf = (title) =>
  `${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.svg`

export function text({ results, facts }) {
  const parts = sections(results).map(({ title, unit, rows }) => {
    const cells = rows.map((row) => [row.title, shown(row.median), `${shown(row.low)} – ${shown(row.high)}`])
    return `## ${title}\n\n${table(['', unit, 'lowest – highest round'], cells)}\n\n![${title}](charts/${fileOf(title)})`
  })
  return `# Results

Written by \`npm run bench\`; [README.md](README.md) says what each measure is. Figures are medians of the rounds; the ratios
of the bars are of medians of this run.

${facts.map((fact) => `- ${fact}`).join('\n')}

## Bars

${barsTable(results)}

${parts.join('\n\n')}
`
}

/** Writes RESULTS.md and the charts. */
export function write(run) {
  fs.rmSync(here('charts'), { recursive: true, force: true })
  fs.mkdirSync(here('charts'), { recursive: true })
  for (const { title, unit, rows } of sections(run.results)) {
    fs.writeFileSync(here(`charts/${fileOf(title)}`), chart(title, unit, rows))
  }
  fs.writeFileSync(here('RESULTS.md'), text(run))
}
