/**
 * What must hold after a run, whatever was held back or killed: the plain list that the ring must behave like.
 *
 * The list is made of the events that publishers were told to have published, in the order of their generations. Every
 * living reader has it whole, from where it began, but for what it was told that it lost.
 */

/** What a run violated, in words. */
export function judge({ logs, atRest, afterPoll, isEndless, held, capacity, rejects, life }) {
  if (isEndless) return ['the run does not come to rest']
  const violations = []
  const object = (who, what) => violations.push(`player ${who.player} ${what}`)
  const list = listOf(logs, object)
  for (const log of logs) {
    if (rejects && !log.isDead && log.gaps.length > 0) object(log, 'lost events of a ring that rejects')
    for (const error of log.errors) object(log, `failed: ${error}`)
    checkOrder(log, object)
  }
  for (const log of logs.filter(({ isDead, start }) => !isDead && start >= 0)) {
    checkWhole(log, list, object)
    checkAwake(log, list, { atRest, afterPoll }, object)
  }
  violations.push(...executions(logs, list, afterPoll.head - capacity), ...keys(logs, life))
  if (held.length > 0) violations.push(`slots are held at rest, by places ${held.join(', ')}`)
  return violations
}

/** By generation: the event, and whether its publisher was told so. */
function listOf(logs, object) {
  const list = new Map()
  const keyed = new Set(logs.flatMap(({ published }) => published.filter(([, , key]) => key !== '').map(([id]) => id)))
  const generations = new Map()
  const add = (log, generation, id, isTold) => {
    const known = list.get(generation)
    if (known !== undefined && known.id !== id) object(log, `has ${id} at ${generation}, another has ${known.id}`)
    if ((generations.get(id) ?? generation) !== generation)
      object(log, `has ${id} at a second generation, ${generation}`)
    generations.set(id, generation)
    list.set(generation, {
      id,
      isTold: isTold || known?.isTold === true,
      byDead: isTold ? log.isDead : known?.byDead,
      isUnique: keyed.has(id),
    })
  }
  for (const log of logs)
    for (const [id, generation] of log.published) if (generation > 0) add(log, generation, id, true)
  const refused = new Set(logs.flatMap((log) => log.refused))
  const inFlight = new Set(logs.map((log) => log.inFlight))
  for (const log of logs) {
    for (const [generation, id] of log.received) {
      if (id < 0) object(log, `received a torn event at ${generation}`)
      else add(log, generation, id, false)
      if (refused.has(id)) object(log, `received ${id}, whose publish had failed`)
      if (id >= 0 && list.get(generation)?.isTold !== true && !inFlight.has(id))
        object(log, `received ${id}, of nobody`)
    }
  }
  return list
}

/** Generations ascend at a reader, losses among them; nothing comes twice. */
function checkOrder(log, object) {
  const all = [...log.received.map(([at]) => [at, at]), ...log.gaps].sort((a, b) => a[0] - b[0])
  for (const [index, [from, to]] of all.entries()) {
    if (to < from || (index > 0 && from <= all[index - 1][1]))
      object(log, `got or lost ${from} to ${to} twice or out of order`)
  }
  // A unique event that is taken over from a claimant who died comes late.
  const order = log.received.filter(([, , isUnique]) => isUnique === 0).map(([at]) => at)
  if (order.some((at, index) => index > 0 && at <= order[index - 1])) object(log, 'received events out of order')
}

/** Whether an event was received or counted as lost. A unique event that another executes is not shown. */
function checkWhole(log, list, object) {
  const received = new Set(log.received.map(([at]) => at))
  for (const [generation, { id, isTold, isUnique }] of list) {
    if (!isTold || isUnique || generation < log.start || received.has(generation)) continue
    const isLost = log.gaps.some(([from, to]) => from <= generation && generation <= to)
    if (!isLost) object(log, `never heard of ${id} at ${generation}`)
  }
}

/** No reader sleeps while an event of a living publisher waits; after a slow poll none waits for anything. */
function checkAwake(log, list, { atRest, afterPoll }, object) {
  const cursor = atRest.cursors[log.player]
  for (const [generation, { isTold, byDead }] of list) {
    if (isTold && byDead === false && generation >= cursor)
      object(log, `sleeps at ${cursor} although ${generation} waits`)
  }
  const late = afterPoll.cursors[log.player]
  if (late !== afterPoll.head) object(log, `stands at ${late} although the head is at ${afterPoll.head}`)
}

/** A unique event is executed once at most; once, if it is still retained and no one who died may have done it. */
function executions(logs, list, retainedFrom) {
  const violations = []
  const counts = new Map()
  for (const log of logs)
    for (const [at, , isUnique] of log.received) if (isUnique === 1) counts.set(at, (counts.get(at) ?? 0) + 1)
  for (const [at, count] of counts)
    if (count > 1) violations.push(`the unique event at ${at} was executed ${count} times`)
  const someoneDied = logs.some(({ isDead, diedExecuting }) => isDead && diedExecuting)
  const living = logs.filter(({ isDead, start }) => !isDead && start >= 0)
  for (const log of logs) {
    for (const [id, generation, key] of log.published) {
      const isDue = generation > 0 && key !== '' && generation >= retainedFrom && list.get(generation)?.id === id
      const couldDo = living.some(({ start, gaps }) => {
        return start <= generation && !gaps.some(([from, to]) => from <= generation && generation <= to)
      })
      if (isDue && couldDo && !someoneDied && !counts.has(generation))
        violations.push(`the unique event at ${generation} was executed by nobody`)
    }
  }
  return violations
}

/** Two events with one key are never published within its life. A publish took its key at some moment while it ran. */
function keys(logs, life) {
  const taken = logs.flatMap(({ published }) => published.filter(([, generation, key]) => generation > 0 && key !== ''))
  const violations = []
  for (const [first, , key, began, ended] of taken) {
    for (const [second, , other, begins, ends] of taken) {
      const isWithin = Math.max(ended, ends) - Math.min(began, begins) < life
      if (first < second && key === other && isWithin) violations.push(`one key let ${first} and ${second} through`)
    }
  }
  return violations
}
