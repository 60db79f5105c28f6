/** `worker-events publish`: one event from a terminal into a zone that exists. */
import { WorkerEvents } from '../worker-events.js'
import { ZoneReader } from '../zone-reader.js'
import type { Command } from './command.js'

export const publish: Command = {
  operands: 'ZONE CHANNEL TYPE [PAYLOAD]',
  summary: 'Publishes an event to every worker of a zone, and shows its generation.',
  details: 'PAYLOAD is JSON if it can be parsed, else text. Write -- before one that starts with a dash.',
  flags: {
    text: { says: 'PAYLOAD is text, even if it is JSON' },
    unique: { value: 'KEY', says: 'of all events with this key within two seconds one is executed, by one worker' },
  },
  async run(given, output) {
    const [zone, channel, type, text] = given.operands
    const payload = given.isSet('text') ? text : payloadFrom(text)
    const place = { zone, directory: given.text('directory') }
    const generation = publishInto(place, (bus) =>
      bus.publish(channel, type, payload, { unique: given.text('unique') }),
    )
    const status = generation === 0 ? 'duplicate' : 'published'
    if (!output.isForPerson) {
      return output.write(JSON.stringify({ module: 'worker_events', status, zone, channel, generation }))
    }
    await output.write(generation === 0 ? 'duplicate: an unexpired key made it redundant' : `generation ${generation}`)
  },
}

/** Takes a worker place for as long as it lasts. */
function publishInto(place: { zone: string; directory?: string }, send: (bus: WorkerEvents) => number): number {
  // A bus would make the zone if there is none, and make it anew if it is damaged; a reader refuses.
  ZoneReader.open(place).close()
  const bus = WorkerEvents.open({ ...place, lifecycle: false, pollInterval: 0 })
  try {
    return send(bus)
  } finally {
    bus.close()
  }
}

function payloadFrom(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
