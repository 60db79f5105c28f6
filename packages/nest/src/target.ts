/** Which events a handler or an observable is for, in the forms that `WorkerEvents.subscribe` takes. */
import type { Handler, SubscribeOptions, Subscription, WorkerEvents } from '@worker-events/core'

/** A typed event; or a channel, and its types if not all. Empty: everything. */
export type Target = readonly unknown[]

/** Reads arguments whose last may be options. */
export function readTarget(args: readonly unknown[]): { target: Target; options: object } {
  const at = args.findIndex(isOptions)
  const [channel, types] = at < 0 ? args : args.slice(0, at)
  const target = types === undefined ? [channel] : [channel ?? '*', types]
  return { target: target.filter((part) => part !== undefined), options: (args[at] as object | undefined) ?? {} }
}

/** An event of `defineEvents` is told by its schema, which is there even if it is `undefined`. */
function isOptions(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && !Array.isArray(arg) && !('schema' in arg)
}

/** @throws {@link WorkerEventsError} `ERR_INVALID_NAME`, `ERR_INVALID_ARGUMENT`, `ERR_CLOSED` */
export function subscribe(
  bus: WorkerEvents,
  target: Target,
  handler: Handler,
  options: SubscribeOptions,
): Subscription {
  const subscribeTo = bus.subscribe.bind(bus) as (...args: unknown[]) => Subscription
  return subscribeTo(...target, handler, options)
}
