/** The endpoint `worker_events_api` as a controller: Nest routes a request and guards it, the endpoint answers. */
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { All, Controller, type ControllerOptions, Inject, Req, Res, type Type } from '@nestjs/common'
import { UseGuards, VERSION_NEUTRAL } from '@nestjs/common'
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core'
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js'
import { type ApiOptions, type WorkerEventsApi, type WorkerEvents, createWorkerEventsApi } from '@worker-events/core'
import { without } from './options.js'

/** Where the endpoint is mounted, and who may pass: known when the module is defined. */
export interface WorkerEventsApiMount {
  /** Default `/internal/worker-events`. */
  path?: string
  guards?: Parameters<typeof UseGuards>
  /** Whether the application's global prefix stands before the path, default false. */
  useGlobalPrefix?: boolean
  /** The version that versioned routes have; by default the endpoint is of none. */
  version?: NonNullable<ControllerOptions['version']>
}

/** The same, with defaults. */
type Mount = WorkerEventsApiMount & { readonly path: string; readonly useGlobalPrefix: boolean }

/** The endpoint of a zone, and which targets it serves where it is mounted. */
export interface Endpoint {
  readonly mount: Mount
  readonly api: WorkerEventsApi
  serves(url: string): boolean
}

export const ENDPOINT = 'WORKER_EVENTS_ENDPOINT'

/** @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
export function endpointOf(
  bus: WorkerEvents,
  mount: Mount,
  options: Partial<ApiOptions> | undefined,
  host: HttpAdapterHost,
): Endpoint {
  const ofApi = without({ ...mount, ...options }, ['guards', 'useGlobalPrefix', 'version'])
  const api = createWorkerEventsApi(bus, ofApi as ApiOptions)
  const isElsewhere = mount.useGlobalPrefix || mount.version !== undefined
  const serves = (url: string): boolean => {
    return isElsewhere ? url.split('?', 1)[0].replace(/\/$/, '').endsWith(api.path) : api.serves(url)
  }
  host.init$.subscribe(() => {
    host.httpAdapter.use(hideBodyOf(serves))
    if (host.httpAdapter.getType() === 'fastify') widen(host.httpAdapter.getInstance(), serves)
  })
  return { mount, api, serves }
}

/** Keeps body parsers, which come before any route, from bodies that are the endpoint's to read and to refuse. */
function hideBodyOf(serves: (url: string) => boolean) {
  return (req: IncomingMessage, _: unknown, next: () => void): void => {
    // Fastify refuses a QUERY by itself unless it has a body.
    const [type, encoding] = req.method === 'QUERY' ? ['text/plain', 'chunked'] : []
    const hidden = { 'content-type': type, 'content-length': undefined, 'transfer-encoding': encoding }
    const headers = { value: { ...req.headers, ...hidden }, configurable: true }
    if (serves(req.url ?? '')) Object.defineProperty(req, 'headers', headers)
    next()
  }
}

interface Fastify {
  readonly supportedMethods: readonly string[]
  addHttpMethod(method: string, options: { hasBody: boolean }): void
  addHook(name: 'onRoute', hook: (route: { readonly url: string }) => void): void
  route(route: { readonly url: string }): void
}

/** To Fastify, a path with a trailing slash is another one, and there are no methods but those it is told of. */
function widen(fastify: Fastify, serves: (url: string) => boolean): void {
  for (const method of METHODS) {
    const isUnknown = method !== 'CONNECT' && !fastify.supportedMethods.includes(method)
    if (isUnknown) fastify.addHttpMethod(method, { hasBody: true })
  }
  fastify.addHook('onRoute', (route) => {
    if (serves(route.url) && !route.url.endsWith('/')) fastify.route({ ...route, url: `${route.url}/` })
  })
}

/** A request or response of Express, or one of Fastify around it. */
type Native<Raw> = Raw & { readonly raw?: Raw }
type Reply = Native<ServerResponse> & { hijack?(): void }

export class WorkerEventsController {
  constructor(@Inject(ENDPOINT) readonly endpoint: Endpoint) {}

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
export function controllerAt({ path, guards = [], version = VERSION_NEUTRAL }: Mount): Type {
  class WorkerEventsEndpoint extends WorkerEventsController {}
  UseGuards(...guards)(WorkerEventsEndpoint)
  Controller({ path, version })(WorkerEventsEndpoint)
  return WorkerEventsEndpoint
}

/** Has the global prefix not stand before the path. */
export function exclude(path: string, config: ApplicationConfig | undefined): void {
  const options = config?.getGlobalPrefixOptions()
  const excluded = mapToExcludeRoute([path])
  config?.setGlobalPrefixOptions({ ...options, exclude: [...(options?.exclude ?? []), ...excluded] })
}
