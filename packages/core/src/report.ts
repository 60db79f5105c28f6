/** What is told to whom when something goes wrong and nobody can catch it. */
import { WorkerEventsError } from './errors.js'
import type { Missed, OnError, WorkerEvent } from './event.js'

/** The default `onError`: one entry in the log, with the event's name and the stack, never the payload or the key. */
export function logError(error: unknown, event?: WorkerEvent): void {
  const where = event === undefined ? '' : ` at ${event.channel}/${event.type} generation ${event.generation}`
  // The one place of the core that logs.
  // eslint-disable-next-line no-console
  console.error(`worker-events: failure${where}: ${stackOf(error)}`)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `a value of type ${typeof error} was thrown`
}

/** Calls `onError` so that it cannot hurt delivery: what it throws is logged. */
export function guarded(onError: () => OnError): OnError {
  return (error, event) => {
    try {
      onError()(error, event)
    } catch (failure) {
      logError(error, event)
      logError(failure)
    }
  }
}

/** A loss as an error, for those who gave no `onMissed`. */
export function missedError({ from, to, count }: Missed): WorkerEventsError {
  return new WorkerEventsError(
    'ERR_EVENTS_MISSED',
    `${count} generations (${from} to ${to}) were overwritten before this worker read them: reload what they were about, ` +
      'and open the zone with a larger ringSize',
  )
}
