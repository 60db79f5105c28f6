// The payload of every measure: an object of about 80 bytes as JSON, with what it takes to check order and to time it.

/** `at` is nanoseconds of the machine's monotonic clock, which all processes share. */
export function payloadOf(from, seq, at = 1763740800000) {
  return { from, seq, at, tag: 'tag:assets', user: 'alice@example.com', ok: true }
}

export const CHANNEL = 'cache.invalidate'
export const TYPE = 'purged'

/** Now, on the clock that all processes share. */
export function now() {
  return Number(process.hrtime.bigint())
}
