/** The one error class of the package and its stable codes. */

/** Every code that a {@link WorkerEventsError} can carry. Codes are stable; messages are for people and may change. */
export const errorCodes = [
  'ERR_INVALID_OPTION',
  'ERR_INVALID_ARGUMENT',
  'ERR_INVALID_NAME',
  'ERR_INVALID_PAYLOAD',
  'ERR_NOT_SERIALIZABLE',
  'ERR_PAYLOAD_TOO_LARGE',
  'ERR_UNKNOWN_EVENT',
  'ERR_ZONE_NOT_FOUND',
  'ERR_ZONE_MISMATCH',
  'ERR_ZONE_FIXED',
  'ERR_ZONE_CORRUPT',
  'ERR_ZONE_NO_SPACE',
  'ERR_ZONE_FORBIDDEN',
  'ERR_ZONE_FULL',
  'ERR_RING_BUSY',
  'ERR_RING_FULL',
  'ERR_UNIQUE_FULL',
  'ERR_EVENTS_MISSED',
  'ERR_CLOSED',
  'ERR_UNSUPPORTED_PLATFORM',
] as const

/** One of the codes that a {@link WorkerEventsError} can carry. */
export type WorkerEventsErrorCode = (typeof errorCodes)[number]

/**
 * What this package throws and reports. The message says what was wrong, the value that was found (never a payload or a
 * key) and what to do; `code` is what programs test.
 */
export class WorkerEventsError extends Error {
  override readonly name = 'WorkerEventsError'
  readonly code: WorkerEventsErrorCode

  constructor(code: WorkerEventsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The value of a wrong argument as a message shows it: short, on one line, and never the inside of an object. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
