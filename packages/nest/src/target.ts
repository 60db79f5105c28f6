/** Which events a handler or an observable is for, in the forms that `WorkerEvents.subscribe` takes. */
import type { Handler, SubscribeOptions, Subscription, WorkerEvents } from '@worker-events/core'

/** A typed event; or a channel, and types. */
export type Target = readonly unknown[]

/** Reads a target that options may follow. */
export function readTarget(args: Target): { target: Target; options: object } {
  const at = args.findIndex((arg) => typeof arg === 'object' && !Array.isArray(arg) && !isEventType(arg))
  return at < 0 ? { target: args.slice(0, 2), options: {} } : { target: args.slice(0, at), options: args[at] as object }
}

/** An event of `defineEvents` has a schema, if only an undefined one. */
const isEventType = (arg: unknown): boolean => typeof arg === 'object' && arg !== null && 'schema' in arg

/** @throws {@link WorkerEventsError} `ERR_INVALID_NAME`, `ERR_INVALID_ARGUMENT`, `ERR_CLOSED` */
export function subscribe(
  bus: WorkerEvents,
  target: Target,
  handler: Handler,
  options: SubscribeOptions,
): Subscription {
  return (bus.subscribe.bind(bus) as (...args: unknown[]) => Subscription)(...target, handler, options)
}
