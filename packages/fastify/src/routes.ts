/** The endpoint's routes, in a scope of their own: nothing here reaches the rest of the app. */
import { METHODS } from 'node:http'
import { Readable } from 'node:stream'
import { type WorkerEventsApi, apiSchemas } from '@worker-events/core'
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { WorkerEventsHooks } from './options.js'

const served = ['GET', 'HEAD', 'POST']

/** What tools that document an app leave out. */
const hidden: object = { hide: true }

/** Refusals of Fastify that come before the endpoint can give its own. */
const early = ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE']

export const routes: FastifyPluginAsync<{ api: WorkerEventsApi; hooks: WorkerEventsHooks }> = async (
  scope,
  options,
) => {
  const { api, hooks } = options

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { method, url, headers, raw, body: payload } = request
    const stream = payload instanceof Readable ? payload : raw
    const asked = { method, url, headers, stream, incoming: raw }
    const { status, headers: answered, body, error } = await api.handle(asked)
    if (error !== undefined && status >= 500) request.log.error(error)
    return reply.code(status).headers(answered).send(body)
  }

  scope.removeAllContentTypeParsers()
  // The endpoint reads the body itself: its limit and its errors are its own.
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
    if (early.includes(error.code)) return answer(request, reply)
    throw error
  })
  // Fastify logs the target of each request, which may hold a key.
  const req = ({ method, url, host, ip, socket }: FastifyRequest): object => {
    return { method, url: api.loggable(url), host, remoteAddress: ip, remotePort: socket.remotePort }
  }
  const route = { ...hooks, url: '/', handler: answer, validatorCompiler: () => () => true, logSerializers: { req } }
  scope.route({ ...route, method: ['GET', 'HEAD'], schema: { querystring: apiSchemas.inspectQuery } })
  const publishing = { querystring: apiSchemas.publishQuery, body: apiSchemas.publishBody }
  scope.route({ ...route, method: 'POST', schema: publishing })
  // A method without a route is not found in Fastify, and refused in the endpoint.
  const refused = METHODS.filter((method) => !served.includes(method) && method !== 'CONNECT')
  for (const method of refused) if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method)
  scope.route({ ...route, method: refused, schema: hidden })
}
