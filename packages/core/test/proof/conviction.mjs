/** What the logs of real actors convict them of: the forbidden outcomes, in words. */

/** Longest that a reader may stand still while others publish, in milliseconds. */
const STALL = 2000

/**
 * @param logs of those who lived to tell
 * @param executed generations of unique events that were executed, by whomever
 * @param isDueAlways false if someone may have died between claiming and executing
 */
export function convict(logs, { executed, ring, isDueAlways }) {
  const violations = []
  const object = (log, what) => violations.push(`actor ${log.number} ${what}`)
  const events = agreement(logs, object)
  let newest = 0
  // One by one: a long storm has more events than a call may have arguments.
  for (const generation of events.keys()) newest = Math.max(newest, generation)
  for (const log of logs) {
    for (const generation of log.torn) object(log, `received a torn event at ${generation}`)
    for (const error of log.errors) object(log, `failed: ${error}`)
    if (log.longest > STALL) object(log, `stood still for ${Math.round(log.longest)} ms`)
    order(log, object)
    completeness(log, events, newest, object)
  }
  realTime(logs, violations)
  const done = new Set(executed)
  if (done.size < executed.length) violations.push(`${executed.length - done.size} unique events were executed twice`)
  const undone = uniques(logs).find((generation) => generation > newest - ring && !done.has(generation))
  if (undone !== undefined && isDueAlways) violations.push(`the unique event at ${undone} was executed by nobody`)
  return violations
}

/** By generation: the event that was published there, on whose word all agree. */
function agreement(logs, object) {
  const events = new Map()
  const add = (log, generation, event, isTold) => {
    const known = events.get(generation)
    if (known !== undefined && known.event !== event)
      object(log, `has ${event} at ${generation}, another ${known.event}`)
    events.set(generation, { event, isTold: isTold || known?.isTold === true })
  }
  for (const log of logs) {
    for (const [generation, publisher, counter, , , key] of log.published) {
      if (generation > 0) add(log, generation, `${publisher}/${counter}`, key === '')
    }
    for (const [generation, publisher, counter] of log.received) add(log, generation, `${publisher}/${counter}`, false)
  }
  return events
}

/** Generations and each publisher's counters ascend; losses are told in their place. */
function order(log, object) {
  const counters = new Map()
  let last = 0
  // A unique event that is taken over from a claimant who died comes late.
  const common = log.received.filter(([, , , isUnique]) => isUnique === 0)
  for (const [generation, publisher, counter] of common) {
    if (generation <= last) object(log, `received ${generation} after ${last}`)
    if (counter <= (counters.get(publisher) ?? 0)) object(log, `received ${publisher}/${counter} twice or too late`)
    counters.set(publisher, counter)
    last = generation
  }
  const isLost = losses(log)
  const lost = log.received.find(([generation]) => isLost(generation))
  if (lost !== undefined) object(log, `received ${lost[0]}, which it had lost`)
  if (log.gaps.some(([from], index) => index > 0 && from <= log.gaps[index - 1][1])) object(log, 'lost something twice')
}

/** Whether a generation lies in one of the gaps that a reader was told of; they ascend. */
function losses({ gaps }) {
  return (generation) => {
    let low = 0
    for (let high = gaps.length; low < high;) {
      const middle = (low + high) >>> 1
      if (gaps[middle][1] < generation) low = middle + 1
      else high = middle
    }
    return low < gaps.length && gaps[low][0] <= generation
  }
}

/** Everything that a publisher was told to have published was received or counted as lost. Unique events are not. */
function completeness(log, events, newest, object) {
  const received = new Set(log.received.map(([generation]) => generation))
  const isLost = losses(log)
  for (const [generation, { event, isTold }] of events) {
    if (!isTold || generation <= log.start || received.has(generation)) continue
    if (!isLost(generation)) object(log, `never heard of ${event} at ${generation}, newest is ${newest}`)
  }
}

/** An event whose publish ended before another began has the lower generation. */
function realTime(logs, violations) {
  const all = logs.flatMap(({ published }) => published).filter(([generation]) => generation > 0)
  all.sort((a, b) => a[3] - b[3])
  const byEnd = [...all].sort((a, b) => a[4] - b[4])
  let ended = 0
  let highest = 0
  for (const [generation, publisher, counter, before] of all) {
    for (; ended < byEnd.length && byEnd[ended][4] < before; ended++) highest = Math.max(highest, byEnd[ended][0])
    if (generation < highest)
      violations.push(`${publisher}/${counter} got ${generation} although ${highest} was there before`)
  }
}

function uniques(logs) {
  return logs
    .flatMap(({ published }) => published.filter(([generation, , , , , key]) => generation > 0 && key !== ''))
    .map(([generation]) => generation)
}
