// The endpoint in a Nest application, on either platform.
import 'reflect-metadata'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type INestApplication, Module } from '@nestjs/common'
import { jest } from '@jest/globals'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Mount } from '@worker-events/conformance'
import { WorkerEventsModule } from '../src/index.js'

// Starting applications takes its time on a busy machine.
jest.setTimeout(20_000)

const adapters = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() }

/** What Nest runs on. */
export type Platform = keyof typeof adapters
export const platforms = Object.keys(adapters) as Platform[]

type Imports = NonNullable<Parameters<typeof Module>[0]['imports']>

/** An application of these modules that serves, once it listens, on this platform. */
export const application = (platform: Platform, imports: Imports): Promise<INestApplication> =>
  applicationOn(adapters[platform](), imports)

/** The same on a platform with options of its own. */
export function applicationOn(adapter: AbstractHttpAdapter, imports: Imports): Promise<INestApplication> {
  @Module({ imports })
  class App {}
  return NestFactory.create(App, adapter, { logger: false, abortOnError: false })
}

/** Lets it listen at a free port of this machine. */
export async function listen(app: INestApplication, at: object = {}): Promise<Server> {
  await app.init()
  const instance = app.getHttpAdapter().getInstance() as { ready?(): Promise<void> }
  if (app.getHttpAdapter().getType() === 'fastify') await instance.ready?.()
  const server = app.getHttpServer() as Server
  server.listen({ port: 0, host: '127.0.0.1', ...at })
  await once(server, 'listening')
  return server
}

/** What serves the endpoint of a bus on a platform. */
export function mountOn(platform: Platform): Mount {
  return async (bus, options, at) => {
    const app = await application(platform, [WorkerEventsModule.forRoot({ bus, api: options })])
    return { server: await listen(app, at), close: () => app.close() }
  }
}
