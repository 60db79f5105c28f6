/** An answer of the endpoint before a framework sends it. */
import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { type Readable, pipeline } from 'node:stream'
import type { ApiError } from './api-error.js'

/** What an adapter translates into its framework's response. */
export interface ApiResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Text; or a live tail, to be piped, and destroyed when the client goes; or nothing, for HEAD. */
  readonly body: string | Readable | undefined
  /** What is answered, if it is an error: for frameworks that want to hear of errors. */
  readonly error?: ApiError
}

const common = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

/** A JSON document as an answer. @param bytes its length in UTF-8 */
export function documentResponse(text: string, bytes = Buffer.byteLength(text), status = 200): ApiResponse {
  return { status, headers: { ...common, 'content-length': String(bytes) }, body: text }
}

/** What a live tail has beside its type: transforming proxies and middleware would hold its events back. */
const ofTail = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' }

/**
 * A live tail as an answer. Its connection ends with it: kept, it would be idle only after a server that closes has looked
 * for idle connections, and hold that server up until it times out.
 * @param isOfHttp1 later versions end streams, and have no such header
 */
export function tailResponse(body: Readable, isOfHttp1: boolean): ApiResponse {
  const headers = { 'content-type': 'text/event-stream', ...ofTail, ...(isOfHttp1 && { connection: 'close' }) }
  return { status: 200, headers, body }
}

/** An error as an answer. */
export function errorResponse(error: ApiError): ApiResponse {
  const { code, message, status } = error
  const text = JSON.stringify({ module: 'worker_events', status: 'error', error: message, code })
  const response = documentResponse(text, Buffer.byteLength(text), status)
  return { ...response, headers: { ...response.headers, ...error.headers }, error }
}

/** Sends an answer through a response of `node:http`. */
export function send(res: ServerResponse, { status, headers, body }: ApiResponse): void {
  res.writeHead(status, headers)
  if (typeof body !== 'object') res.end(body)
  // A client that goes ends its tail, and is no failure.
  else pipeline(body, res, () => undefined)
}
