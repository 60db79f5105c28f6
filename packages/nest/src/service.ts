/** What an application injects: the bus by its methods, and its events as observables. */
import type { EventType, SubscribeOptions, WorkerEvent, WorkerEvents } from '@worker-events/core'
import { Observable, firstValueFrom, takeUntil } from 'rxjs'
import { type Target, readTarget } from './target.js'
import type { Call } from './invocation.js'
import type { Zone } from './zone.js'

/** Options of {@link WorkerEventsService.observe}. */
export type ObserveOptions = Pick<SubscribeOptions, 'replay'>

const methods = ['publish', 'publishLocal', 'subscribe', 'unsubscribe', 'poll', 'inspect', 'drained'] as const

/** Has what is assigned to it when it is made. */
const Methods = Object as unknown as new () => Pick<WorkerEvents, (typeof methods)[number]>

/** A zone in an application. What is named as a method of `WorkerEvents` is that method. */
export class WorkerEventsService extends Methods {
  /** The handle itself. The module closes it. */
  readonly bus: WorkerEvents
  /** Resolves when decorated handlers are subscribed. */
  readonly readiness: Promise<void>

  /** For the other parts of this package. @internal */
  constructor(readonly zone: Zone) {
    super()
    this.bus = zone.bus
    this.readiness = firstValueFrom(zone.ready)
    for (const name of methods) Object.assign(this, { [name]: (zone.bus[name] as Call).bind(zone.bus) })
  }

  /**
   * The events of a typed event, of a channel and types, or all; names may be patterns. Cold: subscribes to the bus when
   * it is subscribed to, and unsubscribes when it is. Completes when the application shuts down. A subscriber counts as
   * a handler, for `unique` too. Errors as `WorkerEvents.subscribe` throws.
   */
  observe<Out>(event: EventType<Out, unknown>, options?: ObserveOptions): Observable<WorkerEvent<Out>>
  observe<T = unknown>(...target: Target<ObserveOptions>): Observable<WorkerEvent<T>>
  observe(...args: unknown[]): Observable<WorkerEvent> {
    const { target, options } = readTarget(args)
    const events = new Observable<WorkerEvent>((subscriber) => {
      return this.zone.subscribe(...target, (_: unknown, event: WorkerEvent) => subscriber.next(event), options)
    })
    return events.pipe(takeUntil(this.zone.stopped))
  }
}
