// What is said of repeated rounds: the median, and how far they spread.

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Median, lowest and highest of the rounds. */
export function summary(rounds) {
  return { median: median(rounds), low: Math.min(...rounds), high: Math.max(...rounds), rounds }
}
