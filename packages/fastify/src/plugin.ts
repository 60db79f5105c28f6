/** The plugin: gives an app its bus and the endpoint, and undoes both with the server. */
import { openWorkerEventsApi } from '@worker-events/core'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { placeFor } from './namespaces.js'
import type { WorkerEventsPluginOptions } from './options.js'
import { routes } from './routes.js'

const plugin: FastifyPluginAsync<WorkerEventsPluginOptions> = async (app, options) => {
  const { namespace, prefix = '', logLevel, pollOnRequest = false, hooks = {}, ...rest } = options
  const place = placeFor(app, namespace)
  const { bus, api, close } = openWorkerEventsApi(rest)
  place(bus)
  // A server closes when its requests are answered, and a live tail never is.
  app.addHook('preClose', async () => api.endTails())
  app.addHook('onClose', async () => close())
  if (pollOnRequest) {
    app.addHook('onRequest', async () => {
      if (!bus.closed) bus.poll()
    })
  }
  const scope = { prefix: prefix.replace(/\/+$/, '') + api.path, ...(logLevel === undefined ? {} : { logLevel }) }
  await app.register(routes, { ...scope, api, hooks })
}

/**
 * Decorates the app with `workerEvents` and mounts `worker_events_api`.
 *
 * @throws WorkerEventsError `ERR_INVALID_OPTION` and what `WorkerEvents.open` throws, when the app gets ready
 */
export const workerEvents = fp(plugin, { name: '@worker-events/fastify', fastify: '5.x' })
