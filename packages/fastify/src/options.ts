/** What the plugin is registered with. */
import type { WorkerEventsApiOptions } from '@worker-events/core'
import type { RegisterOptions, RouteShorthandOptions } from 'fastify'

/** Hooks of the application for the endpoint's routes, such as its own authentication. */
export type WorkerEventsHooks = Pick<
  RouteShorthandOptions,
  'onRequest' | 'preParsing' | 'preValidation' | 'preHandler' | 'onSend' | 'onResponse'
>

/** The options of a bus to open and of its endpoint side by side; or a ready `bus`, which stays open. */
export type WorkerEventsPluginOptions = WorkerEventsApiOptions &
  Pick<RegisterOptions, 'prefix' | 'logLevel'> & {
    /** Puts the bus at `app.workerEvents[namespace]`, for an app that has several. */
    namespace?: string
    /** Polls the bus upon each request: one atomic read when there is nothing new. Seed: "poll upon each request". */
    pollOnRequest?: boolean
    /** Run on the endpoint's routes before it answers, or after. */
    hooks?: WorkerEventsHooks
  }
