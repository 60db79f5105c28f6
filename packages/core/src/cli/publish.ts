/** `worker-events publish`: one event from a terminal into a zone that exists. */
import { type Publication, type Published, publish as publishTo } from '../api/publication.js'
import { serialize } from '../payload.js'
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
    const body = serialize(given.isSet('text') ? text : payloadFrom(text))
    const publication = { channel, type, body, unique: given.text('unique') }
    const published = publishInto({ zone, directory: given.text('directory') }, publication)
    await output.write(output.isForPerson ? lineOf(published) : documentOf(published, zone, channel))
  },
}

/** Takes a worker place for as long as it lasts. */
function publishInto(place: { zone: string; directory?: string }, publication: Publication): Published {
  // A bus would make the zone if there is none, and make it anew if it is damaged; a reader refuses.
  ZoneReader.open(place).close()
  const bus = WorkerEvents.open({ ...place, lifecycle: false, pollInterval: 0 })
  try {
    return publishTo(bus.session, publication)
  } finally {
    bus.close()
  }
}

function lineOf({ generation }: Published): string {
  return generation === 0 ? 'duplicate: an unexpired key made it redundant' : `generation ${generation}`
}

function documentOf({ generation, hasEvicted }: Published, zone: string, channel: string): string {
  const status = generation === 0 ? 'duplicate' : 'published'
  return JSON.stringify({ module: 'worker_events', status, zone, channel, generation, retention_evicted: hasEvicted })
}

function payloadFrom(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
