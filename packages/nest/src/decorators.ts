/** Decorators only write down what the explorer finds when the application starts. */
import { Body } from '@nestjs/common'
import { ENTRY_PROVIDER_WATERMARK, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import type { EventType, WorkerEvent } from '@worker-events/core'
import { type Target, readTarget } from './target.js'

/** Options of {@link OnWorkerEvent}. */
export interface OnWorkerEventOptions {
  /** The zone, by the name that its module was given. */
  name?: string
  /** Start with the past: a generation to start after, or `'all'` for what the ring retains. */
  replay?: number | 'all'
  /** False: what the handler throws is, once reported, an uncaught exception. Default: as the module has it. */
  suppressErrors?: boolean
}

/** What decorators leave at a method. */
export interface Mark extends OnWorkerEventOptions {
  readonly target?: Target
}

export const HANDLER = 'worker-events:handler'
export const MISSED = 'worker-events:missed'
export const PARAMS = 'worker-events:params'

/** Nest's numbers of `@Req()` and `@Body()`. */
export const EVENT_PARAM = 0
export const PAYLOAD_PARAM = 3

/** By number and place, as Nest keeps them. */
type Params = Record<string, { readonly index: number }>

type TypedDecorator<Out> = <T extends (payload: Out, event: WorkerEvent<Out>) => unknown>(
  host: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void

/**
 * Has a method of a provider or controller called as `(payload, event)` for a typed event, or for a channel and types;
 * names may be patterns. Several on one method are several subscriptions, made when the application starts: that fails
 * with `ERR_INVALID_NAME` if a name is wrong. Seed: `register`.
 */
export function OnWorkerEvent<Out>(event: EventType<Out, unknown>, options?: OnWorkerEventOptions): TypedDecorator<Out>
export function OnWorkerEvent(channel: string, options?: OnWorkerEventOptions): MethodDecorator
export function OnWorkerEvent(
  ...of: [channel: string, types: string | readonly string[], options?: OnWorkerEventOptions]
): MethodDecorator
export function OnWorkerEvent(...args: unknown[]): MethodDecorator {
  const { target, options } = readTarget(args)
  return (host, method, descriptor) => {
    mark(HANDLER, { ...options, target }, host, descriptor)
    Reflect.defineMetadata(PARAMS, paramsOf(host, method), host.constructor, method)
  }
}

/** {@link OnWorkerEvent} under a name that `@nestjs/bullmq` does not have. */
export const OnCrossWorkerEvent = OnWorkerEvent

/** Has a method called with `{ from, to, count }` when this worker has lost events: it reloads what they were about. */
export function OnWorkerEventsMissed(options: Pick<OnWorkerEventOptions, 'name'> = {}): MethodDecorator {
  return (host, _, descriptor) => mark(MISSED, options, host, descriptor)
}

/** The payload as a decorated parameter: `@EventPayload(ParseIntPipe)`, in Nest 12 `@EventPayload({ schema })` too. */
export const EventPayload = Body

function mark(key: string, value: Mark, host: object, { value: method }: PropertyDescriptor): void {
  Reflect.defineMetadata(key, [value, ...marksOf(key, method)], method as object)
  // Nest then binds global enhancers of request scope to the provider, as it does to controllers.
  Reflect.defineMetadata(ENTRY_PROVIDER_WATERMARK, true, host.constructor)
}

/** What decorators left at a method. */
export function marksOf(key: string, method: unknown): readonly Mark[] {
  return (Reflect.getOwnMetadata(key, method as object) as Mark[] | undefined) ?? []
}

/** Payload and event, unless parameter decorators want something else in their places. */
function paramsOf(host: object, method: string | symbol): Params {
  const declared = Reflect.getMetadata(ROUTE_ARGS_METADATA, host.constructor, method) as Params | undefined
  const taken = Object.values(declared ?? {}).map(({ index }) => index)
  const params = [PAYLOAD_PARAM, EVENT_PARAM].map(
    (param, index) => [`${param}:${index}`, { index, pipes: [] }] as const,
  )
  return { ...declared, ...Object.fromEntries(params.filter((_, index) => !taken.includes(index))) }
}
