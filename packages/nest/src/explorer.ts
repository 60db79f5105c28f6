/** Finds the decorated methods of the application. */
import { Inject, Injectable, Optional } from '@nestjs/common'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js'
import { type OnWorkerEventOptions, marksOf } from './decorators.js'
import { Invocation } from './invocation.js'
import { getWorkerEventsToken } from './options.js'
import { type Call, Zone } from './zone.js'

/** Token of the zone's name inside the module. */
export const NAME = 'WORKER_EVENTS_NAME'

/** A decorator at a method, and what calls it. */
export interface Decorated<Mark> {
  readonly mark: Mark
  readonly handler: Call
}

@Injectable()
export class Explorer {
  constructor(
    readonly zone: Zone,
    @Optional() @Inject(NAME) readonly name: string | undefined,
    readonly discovery: DiscoveryService,
    readonly scanner: MetadataScanner,
    readonly invocation: Invocation,
  ) {}

  /** The decorated methods for this zone: inherited ones once for a provider, none again for its aliases. */
  find<Mark extends OnWorkerEventOptions>(key: string): Decorated<Mark>[] {
    const found = new Map<unknown, Decorated<Mark>[]>()
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const { instance } = wrapper as { instance: unknown }
      if (wrapper.isAlias || typeof instance !== 'object' || instance === null || found.has(instance)) continue
      found.set(instance, [...this.#findIn<Mark>(key, wrapper, instance)])
    }
    return [...found.values()].flat()
  }

  *#findIn<Mark extends OnWorkerEventOptions>(
    key: string,
    wrapper: InstanceWrapper,
    instance: object,
  ): Generator<Decorated<Mark>> {
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const name = `${instance.constructor.name}.${method}`
      for (const mark of marksOf(key, prototype?.[method]) as readonly Mark[]) {
        this.#checkZone(mark.name, name)
        if (mark.name !== this.name) continue
        if (!wrapper.isTransient) {
          yield {
            mark,
            handler: this.zone.handlerOf(this.invocation.callOf(wrapper, method), name, mark.suppressErrors),
          }
        } else this.zone.logger.warn(`${name} is not subscribed: its provider is transient, and has no one instance`)
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
