/** Back-pressure: waiting until the live workers have caught up. */
import type { Attachment } from './attachment.js'
import { WorkerEventsError } from './errors.js'
import { badArgument, checkSignal } from './subscribing.js'

/** Looks that a waiter takes in consecutive turns of the event loop before it waits by the millisecond. */
const EAGER_LOOKS = 50

/** Looks after which it wakes everybody. */
const IMPATIENT = 2

/** Options of `drained`. */
export interface DrainedOptions {
  /** Entries that the slowest worker may still be behind; 0: everything published before the call has been read. */
  below?: number
  /** Rejects with its reason when it aborts. */
  signal?: AbortSignal
}

/** What a waiter needs of its bus. */
export interface Drainable {
  readonly isClosed: boolean
  readonly current: Attachment
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT`; rejects with `ERR_CLOSED` when the bus closes */
export async function drained(bus: Drainable, options: DrainedOptions): Promise<void> {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw badArgument('the options of drained', 'an object', options)
  }
  const unknown = Object.keys(options).find((key) => key !== 'below' && key !== 'signal')
  if (unknown !== undefined) throw badArgument('an option of drained', 'below or signal', unknown)
  const { below = 0, signal } = options
  if (!Number.isSafeInteger(below) || below < 0) throw badArgument('below', 'an integer, 0 or more', below)
  checkSignal(signal)
  const source = bus.current
  const target = source.zone.head()
  for (let looks = 0; ; looks++) {
    signal?.throwIfAborted()
    if (bus.isClosed) throw new WorkerEventsError('ERR_CLOSED', 'the bus was closed while it waited to be drained')
    const head = source.zone.head()
    const limit = below === 0 ? target : head - below
    if (source.backlog.oldestUnread(head) >= limit) return
    // In a rush workers look once a millisecond, unless somebody waits for them.
    if (looks === IMPATIENT) source.bell.alarm()
    await turn(looks)
  }
}

function turn(looks: number): Promise<void> {
  return new Promise((resolve) => {
    if (looks < EAGER_LOOKS) setImmediate(resolve)
    else setTimeout(resolve, 1)
  })
}
