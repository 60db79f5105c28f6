/** Where an app carries its bus, or its buses by namespace. */
import { WorkerEvents, WorkerEventsError } from '@worker-events/core'
import type { FastifyInstance } from 'fastify'

/**
 * The buses of an app that has several. An app names them for the compiler:
 * `declare module '@worker-events/fastify' { interface WorkerEventsNamespaces { orders: WorkerEvents } }`
 */
export interface WorkerEventsNamespaces {
  readonly [Symbol.toStringTag]?: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The bus; of a plugin with a `namespace`, the buses by namespace. */
    workerEvents: WorkerEvents & WorkerEventsNamespaces
  }
}

/** What puts a bus in its place. @throws {@link WorkerEventsError} `ERR_INVALID_OPTION` if the place is taken */
export function placeFor(app: FastifyInstance, namespace: string | undefined): (bus: WorkerEvents) => void {
  const found: unknown = app.hasDecorator('workerEvents') ? app.workerEvents : undefined
  const buses = found instanceof WorkerEvents ? undefined : (found as Record<string, WorkerEvents> | undefined)
  const isTaken = namespace === undefined || buses === undefined ? found !== undefined : Object.hasOwn(buses, namespace)
  if (isTaken) {
    const how = namespace === undefined ? 'without a namespace' : `under the namespace ${JSON.stringify(namespace)}`
    const message = `app.workerEvents has a bus already, so none can be registered ${how}: give each a namespace of its own`
    throw new WorkerEventsError('ERR_INVALID_OPTION', message)
  }
  return (bus) => {
    if (buses !== undefined && namespace !== undefined) buses[namespace] = bus
    else app.decorate('workerEvents', namespace === undefined ? bus : ({ [namespace]: bus } as never))
  }
}
