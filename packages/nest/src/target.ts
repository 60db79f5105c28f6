/** Which events a handler or an observable is for, in the forms that `WorkerEvents.subscribe` takes. */

/** A channel and types, a channel, or neither, which is all events; names may be patterns. Options follow. */
export type Target<Options> =
  | [channel?: string, types?: string | readonly string[], options?: Options]
  | [channel: string, options: Options]
  | [options: Options]

/** Tells options from what stands before them. A typed event is none: it has a schema, if only an undefined one. */
export function readTarget(args: readonly unknown[]): { target: readonly unknown[]; options: object } {
  const isObject = (arg: unknown): arg is object => typeof arg === 'object' && arg !== null && !Array.isArray(arg)
  const options = args.find((arg) => isObject(arg) && !('schema' in arg)) ?? {}
  return { target: args.filter((arg) => arg !== options).slice(0, 2), options }
}
