/** What goes wrong as the command line tells it: one line, and a status that scripts can test. */
import { WorkerEventsError } from '../errors.js'
import { printable } from './printable.js'

/** Exit statuses; 0 is success. */
export const Status = { FAILED: 1, USAGE: 2, INTERRUPTED: 130 } as const

const usageCodes = new Set(['ERR_INVALID_ARGUMENT', 'ERR_INVALID_OPTION', 'ERR_INVALID_NAME'])

/** Tells of a failure on stderr; returns the exit status. */
export function tellFailure(error: unknown): number {
  const { message, code = 'ERR_UNEXPECTED' } = error as NodeJS.ErrnoException
  process.stderr.write(`worker-events: ${printable(message)} (${code})\n`)
  return error instanceof WorkerEventsError && usageCodes.has(error.code) ? Status.USAGE : Status.FAILED
}
