/** Which events `inspect` and `tail` show. */
import type { InspectFilter } from '../subscribing.js'
import type { Arguments, Flags } from './arguments.js'

export const filterFlags: Flags = {
  channel: { value: 'C', says: 'only this channel: a name, or a pattern like "cache.*"' },
  type: { value: 'T', says: 'only this type: a name or a pattern' },
  since: { value: 'G', says: 'only generations greater than this' },
  limit: { value: 'N', says: 'at most this many events, from the oldest on; 0 is no limit' },
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
export function filterIn(given: Arguments): InspectFilter {
  return {
    channel: given.text('channel'),
    type: given.text('type'),
    since: given.number('since'),
    limit: given.number('limit'),
  }
}
