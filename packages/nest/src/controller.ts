/** The endpoint `worker_events_api` as a controller: Nest routes a request and guards it, the endpoint answers. */
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import {
  All,
  Controller,
  type ControllerOptions,
  Inject,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common'
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core'
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js'
import { type ApiOptions, type WorkerEvents, type WorkerEventsApi, createWorkerEventsApi } from '@worker-events/core'
import { without } from './options.js'

/** Where the endpoint is mounted, and who may pass: known when the module is defined. */
export interface WorkerEventsApiMount {
  /** Default `/internal/worker-events`. */
  path?: string
  guards?: Parameters<typeof UseGuards>
  /** Whether the application's global prefix stands before the path, default false. */
  useGlobalPrefix?: boolean
  /** The version of its route; by default it has none. */
  version?: NonNullable<ControllerOptions['version']>
}

interface Fastify {
  readonly supportedMethods: readonly string[]
  addHttpMethod(method: string, options: { hasBody: boolean }): void
  addHook(name: 'onRoute', hook: (route: { readonly url: string }) => void): void
  route(route: { readonly url: string }): void
}

/** The endpoint of a zone in an application. */
export class Endpoint {
  readonly api: WorkerEventsApi
  readonly #mount: WorkerEventsApiMount

  /** @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
  constructor(bus: WorkerEvents, mount: WorkerEventsApiMount, options: object | undefined, host: HttpAdapterHost) {
    this.#mount = mount
    const ofApi = without({ ...mount, ...options }, ['guards', 'useGlobalPrefix', 'version'])
    this.api = createWorkerEventsApi(bus, ofApi as ApiOptions)
    host.init$.subscribe(() => {
      host.httpAdapter.use(this.#hideBody)
      if (host.httpAdapter.getType() === 'fastify') this.#widen(host.httpAdapter.getInstance())
    })
  }

  #serves(url = ''): boolean {
    const { useGlobalPrefix = false, version } = this.#mount
    if (!useGlobalPrefix && version === undefined) return this.api.serves(url)
    return url.split('?', 1)[0].replace(/\/$/, '').endsWith(this.api.path)
  }

  /** Keeps body parsers, which come before any route, from bodies that are the endpoint's to read and to refuse. */
  readonly #hideBody = (req: IncomingMessage, _: unknown, next: () => void): void => {
    // Fastify refuses a QUERY by itself unless it has a body.
    const [type, encoding] = req.method === 'QUERY' ? ['text/plain', 'chunked'] : []
    const hidden = { 'content-type': type, 'content-length': undefined, 'transfer-encoding': encoding }
    const headers = { value: { ...req.headers, ...hidden }, configurable: true }
    if (this.#serves(req.url)) Object.defineProperty(req, 'headers', headers)
    next()
  }

  /** To Fastify, a path with a trailing slash is another one, and there are no methods but those it is told of. */
  #widen(fastify: Fastify): void {
    const unknown = METHODS.filter((method) => method !== 'CONNECT' && !fastify.supportedMethods.includes(method))
    for (const method of unknown) fastify.addHttpMethod(method, { hasBody: true })
    fastify.addHook('onRoute', (route) => {
      if (this.#serves(route.url) && !route.url.endsWith('/')) fastify.route({ ...route, url: `${route.url}/` })
    })
  }

  /** Has the global prefix not stand before the path, unless it shall. */
  exclude(config: ApplicationConfig): void {
    if (this.#mount.useGlobalPrefix === true) return
    const { exclude = [], ...options } = config.getGlobalPrefixOptions()
    config.setGlobalPrefixOptions({ ...options, exclude: [...exclude, ...mapToExcludeRoute([this.api.path])] })
  }
}

/** A request or response of Express, or one of Fastify around it. */
type Native<Raw> = Raw & { readonly raw?: Raw }
type Reply = Native<ServerResponse> & { hijack?(): void }

/** Serves the endpoint. The module mounts a class derived from it for each zone that has one. */
export class WorkerEventsController {
  constructor(@Inject(Endpoint) readonly endpoint: Endpoint) {}

  @All()
  async handle(@Req() req: Native<IncomingMessage>, @Res() res: Reply): Promise<void> {
    const { raw: stream = req } = req
    const { raw = res } = res
    Reflect.deleteProperty(stream, 'headers')
    const { method = '', url = '', headers } = stream
    const answer = await this.endpoint.api.handle({ method, url, headers, stream })
    // What plugins of Fastify have set, for CORS or for security, would be lost with its reply.
    if (res.hijack !== undefined) raw.setHeaders(new Map(Object.entries(res.getHeaders()) as [string, string][]))
    res.hijack?.()
    raw.writeHead(answer.status, answer.headers)
    // A client that goes ends its tail, and is no failure.
    if (typeof answer.body === 'object') pipeline(answer.body, raw, () => undefined)
    else raw.end(answer.body)
  }
}

/** The controller that is mounted there. */
export function controllerAt({ path = '', guards = [], version = VERSION_NEUTRAL }: WorkerEventsApiMount): Type {
  class WorkerEventsEndpoint extends WorkerEventsController {}
  UseGuards(...guards)(WorkerEventsEndpoint)
  Controller({ path, version })(WorkerEventsEndpoint)
  return WorkerEventsEndpoint
}
