// A horizontal bar chart as SVG: medians as bars, lowest and highest round as a line.

const [WIDTH, LEFT, RIGHT, ROW, TOP] = [800, 290, 110, 26, 44]

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/`/g, '')

export function shown(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function bar({ title, median, low, high }, index, scale) {
  const y = TOP + index * ROW
  const middle = y + 9
  const fill = title.startsWith('worker-events') || title.includes('publish()') ? '#1f6f4a' : '#8a97a3'
  return [
    `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escaped(title)}</text>`,
    `<rect x="${LEFT}" y="${y}" width="${(median * scale).toFixed(1)}" height="18" fill="${fill}"/>`,
    `<line x1="${(LEFT + low * scale).toFixed(1)}" x2="${(LEFT + high * scale).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#222"/>`,
    `<text x="${(LEFT + high * scale + 6).toFixed(1)}" y="${y + 14}">${shown(median)}</text>`,
  ].join('\n')
}

export function chart(title, unit, rows) {
  const height = TOP + rows.length * ROW + 10
  // The ceiling would make everything else a line.
  const highest = Math.max(...rows.filter((row) => !row.title.includes('ceiling')).map(({ high }) => high))
  const scale = (WIDTH - LEFT - RIGHT) / highest
  const fitting = rows.filter(({ high }) => high <= highest)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="12" y="24" font-size="16" font-weight="bold">${escaped(title)} (${unit})</text>
${fitting.map((row, index) => bar(row, index, scale)).join('\n')}
</svg>
`
}
