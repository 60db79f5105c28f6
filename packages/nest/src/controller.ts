/** The endpoint `worker_events_api` as a controller: Nest routes a request and guards it, the endpoint answers. */
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { Readable, pipeline } from 'node:stream'
import { All, Controller, Inject, Req, RequestMethod, Res, UseGuards, VERSION_NEUTRAL } from '@nestjs/common'
import type { ControllerOptions, Type } from '@nestjs/common'
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core'
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js'
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js'
import { type ApiOptions, type WorkerEventsApi, createWorkerEventsApi } from '@worker-events/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { refused } from './options.js'
import type { Zone } from './zone.js'

/** Where the endpoint is mounted, by path and version, and who may pass: known when the module is defined. */
export interface WorkerEventsApiMount extends Pick<ApiOptions, 'path'>, Pick<ControllerOptions, 'version'> {
  /** Stand before the endpoint, after those of the application. */
  guards?: Parameters<typeof UseGuards>
  /** Whether the application's global prefix stands before the path, default false. */
  useGlobalPrefix?: boolean
}

/** What the endpoint does not know. */
const own = { guards: undefined, useGlobalPrefix: undefined, version: undefined }

/** The endpoint of a zone in an application. It reads, and refuses, bodies itself: no body parser may touch them. */
export class Endpoint {
  readonly api: WorkerEventsApi

  /** @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` */
  constructor(
    zone: Zone,
    readonly mount: WorkerEventsApiMount,
  ) {
    const options = zone.options.api as Record<string, unknown> | undefined
    const late = ['path', ...Object.keys(own)].find((name) => options?.[name] !== undefined)
    if (late) throw refused(`option "api.${late}" comes too late from a factory: move it beside useFactory`)
    this.api = createWorkerEventsApi(zone.bus, { ...options, ...mount, ...own } as unknown as ApiOptions)
    zone.stopped.subscribe(() => this.api.endTails())
  }

  /** Before routes are made, and after the application has said what stands before their paths. */
  prepare(modulePath: string | undefined, config: ApplicationConfig, { httpAdapter }: HttpAdapterHost): void {
    const { exclude = [], ...options } = config.getGlobalPrefixOptions()
    const excluded = this.mount.useGlobalPrefix ? [] : mapToExcludeRoute([(modulePath ?? '') + this.api.path])
    config.setGlobalPrefixOptions({ ...options, exclude: [...exclude, ...excluded] })
    const [globalPrefix, versioningOptions] = [config.getGlobalPrefix(), config.getVersioning()]
    const controllerVersion = this.mount.version as string | undefined
    const route = { modulePath, ctrlPath: this.api.path, globalPrefix, controllerVersion, versioningOptions }
    const paths = new RoutePathFactory(config).create(route, RequestMethod.ALL)
    if (httpAdapter.getType() === 'express') prepareExpress(httpAdapter.getInstance(), paths)
    if (httpAdapter.getType() === 'fastify') prepareFastify(httpAdapter.getInstance(), paths, this.api)
  }
}

interface Express {
  all(paths: string[], middleware: (req: IncomingMessage, res: unknown, next: () => void) => void): void
  readonly router: { readonly stack: unknown[] }
}

/** Stands before all else, and so before what parses bodies, where Express itself matches the path as it does later. */
function prepareExpress(express: Express, paths: string[]): void {
  express.all(paths, (req, _, next) => {
    const value = { ...req.headers, 'content-length': undefined, 'transfer-encoding': undefined }
    Object.defineProperty(req, 'headers', { value, configurable: true })
    next()
  })
  const { stack } = express.router
  stack.unshift(...stack.splice(-1))
}

/** A media type whose parser leaves a body as it is. */
const UNREAD = 'application/x.worker-events-unread'

/** To Fastify, a path with a trailing slash is another one, and there are no methods but those it is told of. */
function prepareFastify(fastify: FastifyInstance, paths: string[], api: WorkerEventsApi): void {
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !fastify.supportedMethods.includes(method))
  for (const method of unknown) fastify.addHttpMethod(method, { hasBody: true })
  if (!fastify.hasContentTypeParser(UNREAD))
    fastify.addContentTypeParser(UNREAD, (_request, body, done) => done(null, body))
  const keepBody: onRequestHookHandler = (request, _, done) => {
    // Else some versions of Fastify refuse a QUERY.
    request.headers = { 'content-type': UNREAD, 'transfer-encoding': 'chunked' }
    done()
  }
  // Fastify logs the target of each request, which may hold a key.
  const req = ({ method, url, host, ip, socket }: FastifyRequest): object => {
    return { method, url: api.loggable(url), host, remoteAddress: ip, remotePort: socket.remotePort }
  }
  const { initialConfig } = fastify as { initialConfig: { ignoreTrailingSlash?: boolean; routerOptions?: object } }
  const { ignoreTrailingSlash = false } = { ...initialConfig, ...initialConfig.routerOptions }
  fastify.addHook('onRoute', (route) => {
    if (!paths.includes(route.url)) return
    // Nest 11 does not tell Fastify the version of a route for all methods.
    const { version } = route.handler as { version?: string | typeof VERSION_NEUTRAL }
    if (version !== undefined && version !== VERSION_NEUTRAL) route.constraints = { version, ...route.constraints }
    route.onRequest = [route.onRequest ?? [], keepBody].flat()
    route.logSerializers = Object.assign(Object.create(route.logSerializers ?? null) as object, { req })
    if (!ignoreTrailingSlash && !route.url.endsWith('/')) fastify.route({ ...route, url: `${route.url}/` })
  })
}

/** As Express has them or as Fastify has, and what others have made of the body. */
type Request = (IncomingMessage | FastifyRequest) & { readonly body?: unknown; readonly rawBody?: unknown }
type Reply = ServerResponse | FastifyReply

/** Serves the endpoint. The module mounts a class derived from it for each zone that has one. */
export class WorkerEventsController {
  constructor(@Inject(Endpoint) readonly endpoint: Endpoint) {}

  @All()
  async handle(@Req() req: Request, @Res() res: Reply): Promise<void> {
    const raw = 'raw' in req ? req.raw : req
    Reflect.deleteProperty(raw, 'headers')
    const { method = '', url = '', headers } = raw
    const { body, rawBody } = req
    const read = body instanceof Readable ? { stream: body } : { stream: raw, body: body ?? undefined, rawBody }
    const answer = await this.endpoint.api.handle({ method, url, headers, incoming: raw, ...read })
    if ('code' in res) {
      await res.code(answer.status).headers(answer.headers).send(answer.body)
      return
    }
    res.writeHead(answer.status, answer.headers)
    // A client that goes ends its tail, and is no failure.
    if (typeof answer.body === 'object') pipeline(answer.body, res, () => undefined)
    else res.end(answer.body)
  }
}

/** The controller that is mounted there. */
export function controllerAt({ path = '', guards = [], version = VERSION_NEUTRAL }: WorkerEventsApiMount): Type {
  class WorkerEventsEndpoint extends WorkerEventsController {}
  UseGuards(...guards)(WorkerEventsEndpoint)
  Controller({ path, version })(WorkerEventsEndpoint)
  return WorkerEventsEndpoint
}
