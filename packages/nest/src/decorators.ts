/** Decorators only write down what is found when the application starts. */
import { Body } from '@nestjs/common'
import { ENTRY_PROVIDER_WATERMARK, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import type { EventType, Handler, SubscribeOptions } from '@worker-events/core'
import { refused } from './options.js'
import { type Target, readTarget } from './target.js'

/** Options of {@link OnWorkerEvent}. */
export interface OnWorkerEventOptions extends Pick<SubscribeOptions, 'replay'> {
  /** The zone, by the name that its module was given. */
  name?: string
  /** False: what the handler throws is, once reported, an uncaught exception. Default: as the module has it. */
  suppressErrors?: boolean
}

/** What decorators leave at a method: of one that resyncs, no target. */
export type Mark = Omit<OnWorkerEventOptions, 'replay'> & { readonly target?: readonly unknown[]; options?: object }

const MARKS = 'worker-events:marks'
export const PARAMS = 'worker-events:params'

/** Takes a property of the payload by a decorated parameter: types do not show which parameters are decorated. */
type PartHandler<Out> = { [K in keyof Out]: (part: Out[K], ...rest: never[]) => unknown }[keyof Out]
type TypedHandler<Out> = Handler<Out> | (Out extends object ? PartHandler<Out> : never)

/** What the method of a typed event is checked by; `applyDecorators` takes it as one of a property, and checks nothing. */
interface TypedDecorator<Out> {
  <T extends TypedHandler<Out>>(host: object, method: string | symbol, descriptor: TypedPropertyDescriptor<T>): void
  (host: object, property: string | symbol, descriptor?: never): void
}

/**
 * Has a method of a provider or controller called as `(payload, event)` for a typed event, or for a channel and types;
 * names may be patterns. Several on one method are several subscriptions, made when the application starts: that fails
 * with `ERR_INVALID_NAME` if a name is wrong. Seed: `register`.
 * @throws WorkerEventsError `ERR_INVALID_OPTION` for what is no method of instances
 */
export function OnWorkerEvent<Out>(event: EventType<Out, unknown>, options?: OnWorkerEventOptions): TypedDecorator<Out>
export function OnWorkerEvent(...target: Target<OnWorkerEventOptions>): MethodDecorator
export function OnWorkerEvent(...args: unknown[]): MethodDecorator {
  const { target, options: given } = readTarget(args)
  const { name, suppressErrors, ...options } = given as OnWorkerEventOptions
  return (host, method, descriptor) => {
    mark({ name, suppressErrors, target, options }, host, method, descriptor)
    Reflect.defineMetadata(PARAMS, paramsOf(host, method), host.constructor, method)
  }
}

/** {@link OnWorkerEvent} under a name that `@nestjs/bullmq` does not have. */
export const OnCrossWorkerEvent = OnWorkerEvent

/** Has a method called with `{ from, to, count }` when this worker has lost events: it reloads what they were about. */
export function OnWorkerEventsMissed(options: Pick<OnWorkerEventOptions, 'name'> = {}): MethodDecorator {
  return (host, method, descriptor) => mark(options, host, method, descriptor)
}

/** The payload as a decorated parameter: `@EventPayload(ParseIntPipe)`, in Nest 12 `@EventPayload({ schema })` too. */
export const EventPayload = Body

function mark(value: Mark, host: object, name: string | symbol, descriptor?: PropertyDescriptor): void {
  const method: unknown = descriptor?.value
  // Nest looks for no other methods.
  if (typeof name === 'symbol' || typeof host === 'function' || typeof method !== 'function')
    throw refused(`${String(name)} cannot handle events: decorate a method of instances that a string names`)
  Reflect.defineMetadata(MARKS, [value, ...marksOf(method)], method)
  // Nest then binds global enhancers of request scope to the provider, as it does to controllers.
  Reflect.defineMetadata(ENTRY_PROVIDER_WATERMARK, true, host.constructor)
}

export function marksOf(method: unknown): readonly Mark[] {
  return (Reflect.getOwnMetadata(MARKS, method as object) as Mark[] | undefined) ?? []
}

/** Parameters by kind and place, as Nest keeps them. */
type Params = Record<string, { index: number; pipes: readonly unknown[] }>

/** Payload and event stand first, unless decorated parameters stand there. */
function paramsOf(host: object, method: string | symbol): Params {
  const params = { ...(Reflect.getMetadata(ROUTE_ARGS_METADATA, host.constructor, method) as Params | undefined) }
  const taken = Object.values(params).map(({ index }) => index)
  for (const [index, kind] of [RouteParamtypes.BODY, RouteParamtypes.REQUEST].entries())
    if (!taken.includes(index)) params[`${kind}:${index}`] = { index, pipes: [] }
  return params
}
