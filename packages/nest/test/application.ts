// An application around the classes that a test is about, on a zone in memory unless it says otherwise.
import 'reflect-metadata'
import { type INestApplicationContext, Module, type ModuleMetadata } from '@nestjs/common'
import { jest } from '@jest/globals'
import { NestFactory } from '@nestjs/core'
import { WorkerEventsService } from '../src/index.js'
import { WorkerEventsTestingModule, flush } from '../src/testing.js'

// Starting applications takes its time on a busy machine.
jest.setTimeout(20_000)

type Options = Parameters<typeof WorkerEventsTestingModule.forRoot>[0]

/** Starts an application, without HTTP, with these providers and a zone of these options. */
export async function start(metadata: ModuleMetadata, options?: Options): Promise<INestApplicationContext> {
  return startWith({ ...metadata, imports: [WorkerEventsTestingModule.forRoot(options), ...(metadata.imports ?? [])] })
}

/** The same with no zone but those that the metadata imports. */
export async function startWith(metadata: ModuleMetadata): Promise<INestApplicationContext> {
  @Module(metadata)
  class App {}
  return NestFactory.createApplicationContext(App, { logger: false, abortOnError: false })
}

/** Publishes, and waits until it has been dealt with. */
export async function publish(
  app: INestApplicationContext,
  channel: string,
  type: string,
  payload?: unknown,
): Promise<void> {
  app.get(WorkerEventsService).publish(channel, type, payload)
  await flush(app)
}
