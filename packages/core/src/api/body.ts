/** The body of a POST: read within the limit, decoded, parsed. */
import { Buffer } from 'node:buffer'
import { type Readable, finished } from 'node:stream'
import { isUint8Array } from 'node:util/types'
import { refusals } from './api-error.js'
import { type ApiRequest, declaresBody } from './request.js'

/** A body that is JSON. */
export interface JsonBody {
  readonly value: unknown
  /** The text it was parsed from; absent if a body parser did that and kept nothing. */
  readonly text: string | undefined
}

/** Reads a body. @throws {@link ApiError} */
export async function readBody(request: ApiRequest, limit: number): Promise<JsonBody> {
  const { headers, stream, body, rawBody = body } = request
  if (Number(headers['content-length']) > limit) throw refusals.bodyTooLarge()
  if (rawBody === undefined) return parse(await collect(stream, limit), limit)
  if (isUint8Array(rawBody)) return parse(rawBody, limit)
  if (typeof rawBody === 'string') return parse(Buffer.from(rawBody), limit)
  // Body parsers make an empty object of no body.
  if (!declaresBody(request) && isEmptyObject(rawBody)) throw refusals.missingBody()
  return { value: rawBody, text: undefined }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function parse(bytes: Uint8Array, limit: number): JsonBody {
  if (bytes.length > limit) throw refusals.bodyTooLarge()
  if (bytes.length === 0) throw refusals.missingBody()
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { value: JSON.parse(text) as unknown, text }
  } catch {
    throw refusals.invalidJson()
  }
}

/**
 * Reads a stream to its end. One that is too long is refused at once, and the rest of it is let run into nothing: the
 * client may be writing still, and hears the answer only if nobody closes the connection on it.
 */
function collect(stream: Readable, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const take = (chunk: Buffer): void => {
      length += chunk.length
      if (length <= limit) return void chunks.push(chunk)
      stream.off('data', take)
      reject(refusals.bodyTooLarge())
    }
    stream.on('data', take)
    finished(stream, { writable: false }, (error) => {
      // Cut off: whoever sent it hardly hears the answer, but what was sent is not JSON.
      if (error) reject(refusals.invalidJson())
      else resolve(Buffer.concat(chunks))
    })
  })
}
