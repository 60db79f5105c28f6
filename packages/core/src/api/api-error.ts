/**
 * Every way in which the endpoint refuses, in the order in which it looks for a reason: two faults at once have one
 * answer.
 */
import { WorkerEventsError, type WorkerEventsErrorCode } from '../errors.js'

/** What only the endpoint refuses; what the bus refuses has the bus's own codes. */
export type ApiErrorCode =
  | 'ERR_NOT_FOUND'
  | 'ERR_METHOD_NOT_ALLOWED'
  | 'ERR_UNSUPPORTED_MEDIA_TYPE'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_BODY_TOO_LARGE'
  | 'ERR_MISSING_BODY'
  | 'ERR_INVALID_JSON'
  | 'ERR_INVALID_TYPE'
  | 'ERR_INVALID_CHANNEL'
  | 'ERR_INVALID_UNIQUE'
  | 'ERR_INTERNAL'

/** A request that is answered with an error. Its message is fixed text: no key, no payload, nothing from inside. */
export class ApiError extends Error {
  override readonly name = 'WorkerEventsApiError'

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Stable; the table in the documentation of the endpoint lists them. */
    readonly code: ApiErrorCode | WorkerEventsErrorCode,
    message: string,
    /** Headers that this answer has beside those of all answers. */
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** True if the client caused it, so that the message may be shown to it. */
  get expose(): boolean {
    return this.status < 500
  }
}

export const refusals = {
  notFound: () => new ApiError(404, 'ERR_NOT_FOUND', 'not found'),
  methodNotAllowed: () =>
    new ApiError(405, 'ERR_METHOD_NOT_ALLOWED', 'method not allowed', { allow: 'GET, HEAD, POST' }),
  unsupportedMediaType: () => new ApiError(415, 'ERR_UNSUPPORTED_MEDIA_TYPE', 'content-type must be application/json'),
  unauthorized: (key: 'publish' | 'read') =>
    new ApiError(401, 'ERR_UNAUTHORIZED', `unauthorized: invalid ${key} key`, { 'www-authenticate': 'Bearer' }),
  bodyTooLarge: () => new ApiError(413, 'ERR_BODY_TOO_LARGE', 'request body too large'),
  missingBody: () => new ApiError(400, 'ERR_MISSING_BODY', 'missing request body'),
  invalidJson: () => new ApiError(400, 'ERR_INVALID_JSON', 'invalid JSON'),
  missingType: () => new ApiError(400, 'ERR_INVALID_TYPE', "missing or invalid 'type' field"),
  invalidType: () => new ApiError(400, 'ERR_INVALID_TYPE', "'type' must be 1-64 bytes"),
  invalidChannel: () => new ApiError(400, 'ERR_INVALID_CHANNEL', "'channel' must be 1-64 bytes"),
  invalidUnique: () => new ApiError(400, 'ERR_INVALID_UNIQUE', "'unique' must be 1-256 bytes"),
  payloadTooLarge: () => new ApiError(413, 'ERR_PAYLOAD_TOO_LARGE', 'payload too large'),
  unavailable: (code: WorkerEventsErrorCode, what: string) => new ApiError(503, code, what, { 'retry-after': '1' }),
  internal: (cause: unknown) => new ApiError(500, 'ERR_INTERNAL', 'internal error', {}, { cause }),
}

/** What the bus refuses for now, in words that tell nothing from inside. */
const unavailable: Partial<Record<WorkerEventsErrorCode, string>> = {
  ERR_CLOSED: 'the bus is closed',
  ERR_RING_FULL: 'the ring is full',
  ERR_RING_BUSY: 'the ring is busy',
  ERR_UNIQUE_FULL: 'too many unique keys are in use',
}

/** A payload that a body parser has read can be nested too deep to be written again. */
const tooLarge: readonly WorkerEventsErrorCode[] = ['ERR_PAYLOAD_TOO_LARGE', 'ERR_NOT_SERIALIZABLE']

/** The refusal that a failure comes to; what nobody foresaw is an internal error. */
export function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (!(error instanceof WorkerEventsError)) return refusals.internal(error)
  if (tooLarge.includes(error.code)) return refusals.payloadTooLarge()
  const what = unavailable[error.code]
  return what === undefined ? refusals.internal(error) : refusals.unavailable(error.code, what)
}
