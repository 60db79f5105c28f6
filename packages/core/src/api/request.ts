/** A request as the endpoint sees it, whatever framework brought it, and what its query asks for. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** What an adapter translates a request into. */
export interface ApiRequest {
  readonly method: string
  /** The request's target. Only the query counts: routing was done by others. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The body, if nobody has read it. Read for a POST only, and never destroyed. */
  readonly stream: Readable
  /** The request of `node:http` that brought it, if it is not `stream` itself: its connection may have to linger. */
  readonly incoming?: IncomingMessage
  /** What a body parser made of the body; `undefined` if there was none. */
  readonly body?: unknown
  /** The bytes that the body parser has read, if it kept them: they are preferred to `body`. */
  readonly rawBody?: unknown
}

/** What a GET asks to see. */
export interface Filter {
  /** Empty for every channel. */
  readonly channel: string
  /** Empty for every type. */
  readonly type: string
  /** Only generations greater than this; absent if not given, or not understood. */
  readonly since: number | undefined
  /** At most this many; 0 is no limit. */
  readonly limit: number
}

/** The query of a request's target. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? undefined : url.slice(start))
}

/** The path of a request's target, which may be a whole URL. */
export function pathOf(url: string): string {
  const [target] = url.split('?', 1)
  return target.replace(/^https?:\/\/[^/]*/i, '')
}

/** A request's target as it may stand in a log: without its keys. */
export function withoutKeys(url: string): string {
  const query = queryOf(url)
  if (!query.has('key')) return url
  query.delete('key')
  const [path] = url.split('?', 1)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

/** Reads the filters of a query. @param channel what is shown if the query names none */
export function readFilter(query: URLSearchParams, channel: string): Filter {
  const last = (name: string): string | undefined => query.getAll(name).at(-1)
  return {
    channel: last('channel') ?? channel,
    type: last('type') ?? '',
    since: readCount(last('since')),
    limit: readCount(last('limit')) ?? 0,
  }
}

/** Decimal digits up to 2⁵³ − 1; anything else counts as not given (the seed's rule). */
export function readCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]+$/.test(text)) return undefined
  const count = Number(text)
  return Number.isSafeInteger(count) ? count : undefined
}

/** Whether an event passes the filter by its names. */
export function matcherOf(filter: Filter): (channel: string, type: string) => boolean {
  return (channel, type) =>
    (filter.channel === '' || filter.channel === channel) && (filter.type === '' || filter.type === type)
}

/** True if the headers announce a body. */
export function declaresBody({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** True if the media type is `application/json`, whatever its case and parameters. */
export function isJson({ headers }: ApiRequest): boolean {
  const [type] = (headers['content-type'] ?? '').split(';', 1)
  return type.trim().toLowerCase() === 'application/json'
}
