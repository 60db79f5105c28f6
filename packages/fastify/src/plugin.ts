// The plugin: puts a bus on the app as `app.workerEvents`, and closes with the server what it opened itself.

import { WorkerEvents } from '@worker-events/core'
import { type FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { type WorkerEventsPluginOptions } from './options.js'

declare module 'fastify' {
  interface FastifyInstance {
    workerEvents: WorkerEvents
  }
}

const plugin: FastifyPluginAsync<WorkerEventsPluginOptions> = async (app, options) => {
  if ('bus' in options) return void app.decorate('workerEvents', options.bus)

  const bus = WorkerEvents.open(options)
  app.addHook('onClose', async () => bus.close())
  app.decorate('workerEvents', bus)
}

/**
 * Decorates the app with `workerEvents`.
 *
 * @throws WorkerEventsError what `WorkerEvents.open` throws, when the app gets ready
 */
export const workerEvents = fp(plugin, { name: '@worker-events/fastify', fastify: '5.x' })
