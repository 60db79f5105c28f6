// The endpoint in a Nest application, on a platform.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WorkerEventsModule } from '@worker-events/nest'
import { listening } from './listening.js'

/**
 * @param {() => import('@nestjs/core').AbstractHttpAdapter} adapter
 * @returns {import('./listening.js').Mount}
 */
export const mountOn = (adapter) => async (bus, options, at) => {
  class App {}
  Module({ imports: [WorkerEventsModule.forRoot({ bus, api: options })] })(App)
  const app = await NestFactory.create(App, adapter(), { logger: false, abortOnError: false })
  await app.init()
  await app.getHttpAdapter().getInstance().ready?.()
  return { server: await listening(app.getHttpServer(), at), close: () => app.close() }
}
