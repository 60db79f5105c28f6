/** Finds the decorated methods of the application. */
import { Inject, Injectable, Optional } from '@nestjs/common'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js'
import { type Mark, marksOf } from './decorators.js'
import { Invocation } from './invocation.js'
import { NAME, getWorkerEventsToken } from './options.js'
import { type Call, Zone } from './zone.js'

/** A decorator at a method, and what calls the method. */
type Decorated = readonly [mark: Mark, handler: Call]

@Injectable()
export class Explorer {
  readonly #scanner = new MetadataScanner()

  constructor(
    readonly zone: Zone,
    readonly discovery: DiscoveryService,
    readonly invocation: Invocation,
    @Optional() @Inject(NAME) readonly name?: string,
  ) {}

  /** The decorated methods for this zone: inherited ones once for a provider, none again for its aliases. */
  find(key: string): Decorated[] {
    const seen = new Set<unknown>([null, undefined])
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()] as InstanceWrapper<object>[]
    const distinct = wrappers.filter((wrapper) => {
      const { isAlias, instance } = wrapper
      return !isAlias && typeof instance === 'object' && !seen.has(instance) && seen.add(instance)
    })
    return distinct.flatMap((wrapper) => [...this.#findIn(key, wrapper)])
  }

  *#findIn(key: string, wrapper: InstanceWrapper<object>): Generator<Decorated> {
    const prototype = Object.getPrototypeOf(wrapper.instance) as Record<string, unknown> | null
    for (const method of this.#scanner.getAllMethodNames(prototype)) {
      const name = `${wrapper.instance.constructor.name}.${method}`
      for (const mark of marksOf(key, prototype?.[method])) {
        this.#checkZone(mark.name, name)
        if (mark.name !== this.name) continue
        if (wrapper.isTransient)
          this.zone.logger.warn(`${name} is not subscribed: a transient provider is not one instance`)
        else yield [mark, this.zone.handlerOf(this.invocation.callOf(wrapper, method), name, mark.suppressErrors)]
      }
    }
  }

  /** A handler that is never called, or called for two zones, is a mistake. */
  #checkZone(zone: string | undefined, name: string): void {
    const { length } = this.discovery.getProviders().filter(({ token }) => token === getWorkerEventsToken(zone))
    if (length === 1) return
    throw new Error(`${name} is for zone ${zone ?? '(without a name)'}: one module must have it, not ${length}`)
  }
}
