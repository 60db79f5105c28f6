/** One zone in an application: its bus, the decorated methods that it calls, and what becomes of their failures. */
import { setImmediate } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import { type DiscoveryService, MetadataScanner } from '@nestjs/core'
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js'
import { WorkerEvents } from '@worker-events/core'
import type { OnMissed, Subscription, WorkerEvent } from '@worker-events/core'
import { ReplaySubject, Subscription as Subscriptions, firstValueFrom, isObservable, lastValueFrom } from 'rxjs'
import { race, tap, throwError, timer } from 'rxjs'
import { type Mark, marksOf } from './decorators.js'
import type { Call, Invocation } from './invocation.js'
import { type WorkerEventsModuleOptions, getWorkerEventsToken, readBusOptions } from './options.js'

/** Made by the module for its name, and told by Nest when the application starts and ends. */
export class Zone implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly bus: WorkerEvents
  /** Emits when decorated methods are subscribed. */
  readonly ready = new ReplaySubject<void>(1)
  /** Emits when the application stops reading, or the bus was closed by somebody. */
  readonly stopped = new ReplaySubject<void>(1)
  readonly #logger = new Logger('WorkerEvents')
  /** All that reads, until the application stops reading. */
  readonly #subscriptions = new Subscriptions()
  readonly #running = new Set<Promise<unknown>>()
  #onMissed: OnMissed = () => undefined
  /** As `WorkerEvents.subscribe`, in any of its forms. */
  readonly subscribe = (...args: readonly unknown[]): Subscription =>
    (this.bus.subscribe.bind(this.bus) as Call)(...args) as Subscription

  constructor(
    readonly options: WorkerEventsModuleOptions,
    readonly discovery: DiscoveryService,
    readonly invocation: Invocation,
    readonly name: string | undefined,
  ) {
    const ofBus = readBusOptions(options)
    this.bus = options.bus ?? WorkerEvents.open({ ...ofBus, onError: this.#report })
    // A loop over what nobody publishes ends when the bus is closed, and hears of losses.
    const loop = this.bus.events({ channel: 'worker-events', type: 'closed', onMissed: (lost) => this.#onMissed(lost) })
    void loop.next().then(() => this.stopped.next())
    this.#subscriptions.add(() => void loop.return?.())
  }

  onApplicationBootstrap(): void {
    const told: OnMissed[] = this.options.onMissed ? [this.options.onMissed] : []
    for (const [{ target, options }, handler] of this.#findDecorated()) {
      if (target === undefined) told.unshift(handler)
      else this.#subscriptions.add(this.subscribe(...target, handler, options))
    }
    const onMissed: OnMissed = (missed) => told.forEach((tell) => tell(missed))
    // A bus that was given may have an `onMissed` of its own, which stays.
    if (this.options.bus !== undefined) this.#onMissed = onMissed
    else if (told.length > 0) this.bus.configure({ onMissed })
    this.ready.next()
  }

  /** Delivers what is pending; resolves when no handler runs any more. */
  async settle(): Promise<void> {
    while (!this.bus.closed && !this.#subscriptions.closed) {
      this.bus.poll()
      if (this.#running.size === 0) return
      await Promise.all(this.#running)
      // Else handlers that publish what they handle would keep every timer from firing.
      await setImmediate()
    }
  }

  /** Before connections are waited for: a live tail would never end. */
  async beforeApplicationShutdown(): Promise<void> {
    const warn = (): void => this.#logger.warn(`drainTimeout is over, handlers that still run: ${this.#running.size}`)
    await firstValueFrom(race(this.settle(), timer(this.options.drainTimeout ?? 5000).pipe(tap(warn))))
    this.#subscriptions.unsubscribe()
  }

  /** A bus that was given is left open. */
  onApplicationShutdown(): void {
    if (this.options.bus === undefined) this.bus.close()
  }

  /** Decorated methods for this zone: inherited ones once for a provider, none again for its aliases. */
  *#findDecorated(): Generator<readonly [mark: Mark, handler: Call]> {
    const seen = new Set<unknown>([null])
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()] as InstanceWrapper<object>[]
    for (const wrapper of wrappers) {
      const { isAlias, instance } = wrapper
      if (isAlias || typeof instance !== 'object' || seen.has(instance)) continue
      seen.add(instance)
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null
      for (const method of new MetadataScanner().getAllMethodNames(prototype)) {
        for (const mark of marksOf(prototype?.[method])) {
          const name = `${instance.constructor.name}.${method}`
          this.#checkZone(mark.name, name)
          if (mark.name !== this.name) continue
          if (!wrapper.isTransient) yield [mark, this.#handlerOf(wrapper, method, name, mark.suppressErrors)]
          else this.#logger.warn(`${name} is not subscribed: a transient provider is not one instance`)
        }
      }
    }
  }

  /** A handler that is never called, or called for two zones, is a mistake. */
  #checkZone(zone: string | undefined, name: string): void {
    const { length } = this.discovery.getProviders().filter(({ token }) => token === getWorkerEventsToken(zone))
    if (length === 1) return
    throw new Error(`${name} is for zone ${zone ?? '(without a name)'}: one module must have it, not ${length}`)
  }

  /** A call as the bus can do it: nothing is thrown, and what is left running is known. */
  #handlerOf(wrapper: InstanceWrapper, method: string, name: string, suppressErrors?: boolean): Call {
    const call = this.invocation.callOf(wrapper, method)
    const fail = (error: unknown, event: unknown): void => {
      this.#report(error, event as WorkerEvent | undefined, name)
      // What nobody catches is thrown by rxjs in a turn of its own.
      if (!(suppressErrors ?? this.options.suppressErrors ?? true)) throwError(() => error).subscribe()
    }
    return (...args) => {
      try {
        const result = call(...args)
        if (!isPending(result)) return
        const end = isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : Promise.resolve(result)
        const settled = end.catch((error: unknown) => fail(error, args[1])).finally(() => this.#running.delete(settled))
        this.#running.add(settled)
      } catch (error) {
        fail(error, args[1])
      }
    }
  }

  readonly #report = (error: unknown, event?: WorkerEvent, name?: string): void => {
    const { onError = this.#log } = this.options
    // What it throws or rejects with comes after what it was told of.
    new Promise((resolve) => resolve(onError(error, event, name))).catch((failure: unknown) => {
      this.#log(error, event, name)
      this.#log(failure, event, 'onError')
    })
  }

  /** Shows neither payload nor what was thrown, unless that is an error. */
  readonly #log = (error: unknown, event?: WorkerEvent, name = 'reading'): void => {
    const at = event === undefined ? '' : ` at ${event.channel}/${event.type} generation ${event.generation}`
    this.#logger.error(`zone ${this.bus.zone}: ${name} failed${at}`, stackOf(error))
  }
}

function stackOf(error: unknown): string | undefined {
  try {
    return error instanceof Error ? error.stack : `a value of type ${typeof error} was thrown`
  } catch {
    return 'an error was thrown that cannot be read'
  }
}

const isPending = (result: unknown): result is PromiseLike<unknown> =>
  isObservable(result) || (typeof result === 'object' && result !== null && 'then' in result)
