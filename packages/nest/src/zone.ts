/** One zone as the application uses it: its bus, the handlers that still run, and what becomes of failures. */
import { Inject, Injectable, Logger } from '@nestjs/common'
import { type OnMissed, type OpenOptions, type WorkerEvent, WorkerEvents } from '@worker-events/core'
import {
  type ObservableInput,
  ReplaySubject,
  firstValueFrom,
  from,
  isObservable,
  lastValueFrom,
  race,
  throwError,
  timer,
} from 'rxjs'
import { OPTIONS, type WorkerEventsModuleOptions, without } from './options.js'

/** Calls a decorated method. */
export type Call = (...args: readonly unknown[]) => unknown

@Injectable()
export class Zone {
  readonly bus: WorkerEvents
  readonly logger = new Logger('WorkerEvents')
  /** Emits when decorated handlers are subscribed. */
  readonly ready = new ReplaySubject<void>(1)
  /** Emits when the application stops reading, or the bus was closed by somebody. */
  readonly stopped = new ReplaySubject<void>(1)
  readonly #options: WorkerEventsModuleOptions
  readonly #running = new Set<Promise<unknown>>()

  constructor(@Inject(OPTIONS) options: WorkerEventsModuleOptions) {
    this.#options = options
    const ofBus = without({ ...options, onError: this.#report }, ['suppressErrors', 'drainTimeout', 'api'])
    this.bus = 'bus' in options ? options.bus : WorkerEvents.open(ofBus as OpenOptions)
    // A loop over what nobody publishes ends when the bus is closed.
    const end = this.bus.events({ channel: 'worker-events', type: 'closed' }).next()
    void end.then(() => this.stopped.next())
  }

  /** Makes a call what the bus can do: nothing is thrown, and what is left running is known. */
  handlerOf(call: Call, name: string, suppressErrors = this.#options.suppressErrors ?? true): Call {
    const fail = (error: unknown, event?: unknown): void => {
      this.#report(error, event as WorkerEvent | undefined, name)
      // What nobody catches is thrown by rxjs in a turn of its own.
      if (!suppressErrors) throwError(() => error).subscribe()
    }
    return (...args) => {
      try {
        const result = call(...args)
        if (isPending(result)) this.#follow(result, (error) => fail(error, args[1]))
      } catch (error) {
        fail(error, args[1])
      }
    }
  }

  #follow(result: ObservableInput<unknown>, fail: (error: unknown) => void): void {
    const end = lastValueFrom(from(result), { defaultValue: undefined })
    const settled: Promise<unknown> = end.catch(fail).finally(() => this.#running.delete(settled))
    this.#running.add(settled)
  }

  /** Has losses told to these methods, and no longer to `onError`. */
  resyncBy(methods: readonly Call[]): void {
    const { onMissed } = this.#options as { onMissed?: OnMissed }
    const told = [onMissed, ...methods]
    if (methods.length > 0) this.bus.configure({ onMissed: (missed) => told.forEach((tell) => tell?.(missed)) })
  }

  /** Delivers what is pending; resolves when no handler runs any more. */
  async settle(): Promise<void> {
    while (!this.bus.closed) {
      this.bus.poll()
      if (this.#running.size === 0) return
      await Promise.all(this.#running)
    }
  }

  /** The same within `drainTimeout`, after which nobody waits. */
  async stop(): Promise<void> {
    await firstValueFrom(race(this.settle(), timer(this.#options.drainTimeout ?? 5000)))
    if (this.#running.size > 0) this.logger.warn(`handlers that still run: ${this.#running.size}; shutting down anyway`)
    this.stopped.next()
  }

  /** Closes the bus, unless it was given. */
  close(): void {
    if (!('bus' in this.#options)) this.bus.close()
  }

  readonly #report = (error: unknown, event?: WorkerEvent, name?: string): void => {
    try {
      const { onError = this.#log } = this.#options
      onError(error, event, name)
    } catch (failure) {
      this.#log(error, event, name)
      this.#log(failure, event, 'onError')
    }
  }

  /** Shows neither payload nor what was thrown, unless that is an error. */
  readonly #log = (error: unknown, event?: WorkerEvent, name = 'reading'): void => {
    const at = event === undefined ? '' : ` at ${event.channel}/${event.type} generation ${event.generation}`
    const stack = error instanceof Error ? error.stack : `a ${typeof error} was thrown`
    this.logger.error(`zone ${this.bus.zone}: ${name} failed${at}`, stack)
  }
}

const isPending = (result: unknown): result is ObservableInput<unknown> =>
  typeof result === 'object' && result !== null && ('then' in result || isObservable(result))
