/**
 * `worker_events_api`: the endpoint of the nginx module, for any framework. An adapter translates a request into an
 * {@link ApiRequest} and sends what comes back; everything between is here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { zoneDocument, zoneFrame } from '../document.js'
import { snapshot, statusOf } from '../snapshot.js'
import type { WorkerEvents } from '../worker-events.js'
import { refusalOf, refusals } from './api-error.js'
import { readBody } from './body.js'
import { Excerpts } from './excerpts.js'
import { Follower } from './follower.js'
import { Lock, keysOf } from './keys.js'
import { Lingering } from './lingering.js'
import { LiveTail } from './live-tail.js'
import { faceFor } from './negotiation.js'
import { OpenTails } from './open-tails.js'
import { type ApiOptions, type ApiSettings, missing, readApiOptions } from './options.js'
import { publish, readPublication } from './publication.js'
import {
  type ApiRequest,
  type Filter,
  isJson,
  matcherOf,
  pathOf,
  queryOf,
  readCount,
  readFilter,
  withoutKeys,
} from './request.js'
import { type ApiResponse, documentResponse, errorResponse, send, tailResponse } from './response.js'

/** Goes on with what is mounted behind, as in Express. */
type Next = (error?: unknown) => void

/** The endpoint of one bus. */
export interface WorkerEventsApi {
  /** Where it is mounted, without a trailing slash. */
  readonly path: string
  /** True if a request's target is this endpoint. */
  serves(url: string): boolean
  /** A request's target as it may stand in a log: without its keys. */
  loggable(url: string): string
  /** Answers a request that was routed here. Never rejects. */
  handle(request: ApiRequest): Promise<ApiResponse>
  /**
   * A listener for `http.createServer`, and middleware for Express: serves its path, and calls `next` for others or,
   * without one, answers 404.
   */
  readonly listener: (req: IncomingMessage, res: ServerResponse, next?: Next) => void
  /** Ends every live tail, and what lingers, so that a server can close; clients may connect again. */
  endTails(): void
}

/**
 * Makes the endpoint of a bus. Seed: `worker_events_api`.
 * @throws {@link WorkerEventsError} `ERR_INVALID_OPTION`
 */
export function createWorkerEventsApi(bus: WorkerEvents, options: ApiOptions): WorkerEventsApi {
  // Not every caller has types.
  if ((bus as WorkerEvents | undefined)?.session === undefined) throw missing('zone')
  return new Handler(bus, readApiOptions(options))
}

class Handler implements WorkerEventsApi {
  readonly path: string
  readonly #bus: WorkerEvents
  readonly #settings: ApiSettings
  readonly #publishLock: Lock
  readonly #readLock: Lock
  readonly #tails = new OpenTails()
  readonly #lingering = new Lingering()
  readonly #excerpts: Excerpts

  constructor(bus: WorkerEvents, settings: ApiSettings) {
    this.#bus = bus
    this.#settings = settings
    this.#excerpts = new Excerpts(bus.session)
    this.path = settings.path
    this.#publishLock = new Lock(settings.publishKey)
    this.#readLock = new Lock(settings.readKey)
  }

  serves(url: string): boolean {
    const path = pathOf(url)
    return path === this.path || path === `${this.path}/`
  }

  loggable(url: string): string {
    return withoutKeys(url)
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    let response: ApiResponse
    try {
      response = request.method === 'POST' ? await this.#publish(request) : this.#show(request)
    } catch (error) {
      response = this.#refuse(error)
    }
    this.#lingering.attend(request.incoming ?? request.stream)
    return request.method === 'HEAD' ? { ...response, body: undefined } : response
  }

  readonly listener = (req: IncomingMessage, res: ServerResponse, next?: Next): void => {
    const { method = '', url = '', headers } = req
    if (!this.serves(url)) {
      if (next !== undefined) {
        next()
        return
      }
      this.#lingering.attend(req)
      send(res, errorResponse(refusals.notFound()))
      return
    }
    const { body, rawBody } = req as { body?: unknown; rawBody?: unknown }
    void this.handle({ method, url, headers, stream: req, body, rawBody }).then((response) => {
      send(res, response)
    })
  }

  endTails(): void {
    this.#tails.endAll()
    this.#lingering.endAll()
  }

  #refuse(error: unknown): ApiResponse {
    const refusal = refusalOf(error)
    if (refusal.code === 'ERR_INTERNAL') this.#bus.session.report(error)
    return errorResponse(refusal)
  }

  async #publish(request: ApiRequest): Promise<ApiResponse> {
    if (!isJson(request)) throw refusals.unsupportedMediaType()
    this.#unlock(request, queryOf(request.url), 'publish')
    const body = await readBody(request, this.#settings.bodyLimit)
    const publication = readPublication(body, this.#settings.channel)
    const { generation, hasEvicted } = publish(this.#bus.session, publication)
    const text = JSON.stringify({
      module: 'worker_events',
      status: generation === 0 ? 'duplicate' : 'published',
      zone: this.#bus.zone,
      channel: publication.channel,
      generation,
      retention_evicted: hasEvicted,
    })
    return documentResponse(text)
  }

  #show(request: ApiRequest): ApiResponse {
    const { method, url } = request
    if (method !== 'GET' && method !== 'HEAD') throw refusals.methodNotAllowed()
    const query = queryOf(url)
    this.#unlock(request, query, 'read')
    const filter = readFilter(query, this.#settings.channel)
    switch (faceFor(request)) {
      case 'tail':
        return this.#tail(request, filter)
      case 'page': // The place of the inspector. Until there is one, browsers get the document.
      case 'document':
        return this.#inspect(filter)
    }
  }

  #inspect(filter: Filter): ApiResponse {
    const { region, membership, reader } = this.#bus.session.current
    membership.storeCursor(reader.cursor)
    const { channel, since = 0, limit } = filter
    const excerpt = this.#excerpts.find(region, filter)
    if (excerpt === undefined) {
      const taken = snapshot(region, membership.worker, { matches: matcherOf(filter), since, limit })
      return documentResponse(zoneDocument(taken, channel))
    }
    const [before, after] = zoneFrame(statusOf(region, membership.worker, excerpt), channel)
    const { text, bytes } = excerpt.show({ before, after, since, limit })
    return documentResponse(text, bytes)
  }

  #tail({ headers }: ApiRequest, filter: Filter): ApiResponse {
    const { session } = this.#bus
    const lastSeen = readCount(headers['last-event-id'] as string | undefined)
    const follower = new Follower(session, matcherOf(filter), lastSeen ?? filter.since)
    return tailResponse(new LiveTail(session, follower, this.#tails).stream, !(':method' in headers))
  }

  #unlock(request: ApiRequest, query: URLSearchParams, key: 'publish' | 'read'): void {
    const lock = key === 'publish' ? this.#publishLock : this.#readLock
    if (lock.isLocked && !lock.opensWith(keysOf(request, query))) throw refusals.unauthorized(key)
  }
}
