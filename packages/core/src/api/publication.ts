/** What a POST asks to publish, checked field by field, and how it is published. */
import { encodePair, keyBytes } from '../names.js'
import { serialize } from '../payload.js'
import type { Body } from '../payload.js'
import type { Session } from '../session.js'
import { refusals } from './api-error.js'
import type { JsonBody } from './body.js'
import { payloadText } from './payload-text.js'

/** An event to publish. */
export interface Publication {
  readonly channel: string
  readonly type: string
  /** The payload, serialised. */
  readonly body: Body
  readonly unique: string | undefined
}

/** What became of it. */
export interface Published {
  /** 0 if its unique key made it redundant. */
  readonly generation: number
  /** True if a retained event was overwritten. */
  readonly hasEvicted: boolean
}

/** Reads the fields of a body. @throws {@link ApiError} */
export function readPublication({ value, text }: JsonBody, defaultChannel: string): Publication {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusals.missingType()
  const { type, channel = defaultChannel, unique, payload } = value as Record<string, unknown>
  if (typeof type !== 'string') throw refusals.missingType()
  if (!isAccepted(() => encodePair(defaultChannel, type))) throw refusals.invalidType()
  if (!isAccepted(() => encodePair(channel as string, type))) throw refusals.invalidChannel()
  if (unique !== undefined && !isAccepted(() => keyBytes(unique))) throw refusals.invalidUnique()
  const body = text === undefined ? serialize(payload) : payloadText(text)
  return { channel: channel as string, type, body, unique: unique as string | undefined }
}

/** The rules of names are those of `publish`, which throws. */
function isAccepted(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** Publishes. @throws {@link WorkerEventsError} what `publish` throws */
export function publish(session: Session, { channel, type, body, unique }: Publication): Published {
  // Too large a payload is said before anything else, also on a bus that is closed.
  session.last.writer.spanOf(body, unique === undefined ? 0 : keyBytes(unique).length)
  const { slots } = session.current
  const before = slots.overwritten
  const generation = session.publishBody(session.pairs.pair(channel, type), body, unique)
  return { generation, hasEvicted: slots.overwritten > before }
}
