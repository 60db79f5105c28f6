/**
 * How a decorated method is called. One of a singleton, with nothing bound to it, is called as it is; one with guards,
 * pipes, interceptors or filters by Nest's own means; one of a scoped provider on an instance of its own.
 */
import { type ArgumentsHost, Injectable } from '@nestjs/common'
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { selectExceptionFilterMetadata } from '@nestjs/common/utils/select-exception-filter-metadata.util.js'
import { ContextIdFactory, ExternalContextCreator, ModuleRef } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Injector } from '@nestjs/core/injector/injector.js'
import type { ContextId, InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js'
import type { Module } from '@nestjs/core/injector/module.js'
import { isObservable, lastValueFrom } from 'rxjs'
import { EVENT_PARAM, PARAMS, PAYLOAD_PARAM } from './decorators.js'
import type { Call } from './zone.js'

const CONTEXT_TYPE = 'worker-events'

/** True in guards, pipes, interceptors and filters of an event: one that knows only HTTP steps aside. */
export const isWorkerEventContext = (context: ArgumentsHost): boolean => context.getType<string>() === CONTEXT_TYPE

type Instance = Record<string, Call>
type Filters = Parameters<typeof selectExceptionFilterMetadata>[0]
type Finder<Found> = { create(...place: readonly unknown[]): Found }

/** Private parts of Nest's creator: they find what is bound to a method, globally too. */
interface Parts {
  readonly guardsContextCreator: Finder<unknown[]>
  readonly pipesContextCreator: Finder<unknown[]>
  readonly interceptorsContextCreator: Finder<unknown[]>
  readonly filtersContextCreator: Finder<{ readonly filters: Filters }>
  readonly guardsConsumer: { tryActivate(...args: readonly unknown[]): Promise<boolean> }
}

/** Thrown when a guard says no, which is no error. */
const REFUSED = new Error('refused by a guard')

const params = {
  exchangeKeyForValue(param: number, data: unknown, [payload, event]: readonly unknown[]): unknown {
    if (param !== PAYLOAD_PARAM) return param === EVENT_PARAM ? event : undefined
    return typeof data === 'string' ? (payload as Record<string, unknown> | undefined)?.[data] : payload
  },
}

@Injectable()
export class Invocation {
  readonly #creator: ExternalContextCreator
  readonly #parts: Parts
  readonly #moduleRef: ModuleRef
  readonly #injector = new Injector()

  constructor(creator: ExternalContextCreator, moduleRef: ModuleRef) {
    this.#parts = creator as unknown as Parts
    this.#creator = creatorForEvents(creator, this.#parts)
    this.#moduleRef = moduleRef
  }

  /** What calls the method. The last argument is the request of a scoped provider. */
  callOf(wrapper: InstanceWrapper, method: string): Call {
    if (!wrapper.isDependencyTreeStatic()) return (...args) => this.#callScoped(wrapper, method, args)
    const instance = wrapper.instance as Instance
    if (this.#isEnhanced(instance, wrapper, method)) return this.#enhance(instance, wrapper, method)
    return (...args) => instance[method](...args)
  }

  async #callScoped(wrapper: InstanceWrapper, method: string, args: readonly unknown[]): Promise<unknown> {
    const contextId = ContextIdFactory.getByRequest(args.at(-1) as object)
    const request = wrapper.isDependencyTreeDurable() ? contextId.payload : args.at(-1)
    this.#moduleRef.registerRequestByContextId(request, contextId)
    const host = wrapper.host as Module
    const collection = host.controllers.has(wrapper.token) ? host.controllers : host.providers
    const instance = await this.#injector.loadPerContext(
      wrapper.instance as Instance,
      host,
      collection,
      contextId,
      wrapper,
    )
    return this.#enhance(instance, wrapper, method, contextId)(...args)
  }

  #isEnhanced(instance: Instance, wrapper: InstanceWrapper, method: string): boolean {
    const { guardsContextCreator, pipesContextCreator, interceptorsContextCreator, filtersContextCreator } = this.#parts
    const finders = [guardsContextCreator, pipesContextCreator, interceptorsContextCreator]
    const place = [instance, instance[method], wrapper.host?.token, undefined, wrapper.id]
    return (
      Reflect.hasMetadata(ROUTE_ARGS_METADATA, instance.constructor, method) ||
      filtersContextCreator.create(...place).filters.length > 0 ||
      finders.some((finder) => finder.create(...place).length > 0)
    )
  }

  #enhance(instance: Instance, wrapper: InstanceWrapper, method: string, contextId?: ContextId): Call {
    const callback = instance[method]
    const scope = [contextId, wrapper.id] as const
    const options = { guards: true, interceptors: true, filters: false }
    const call = this.#creator.create(instance, callback, method, PARAMS, params, ...scope, options, CONTEXT_TYPE)
    const { filters } = this.#parts.filtersContextCreator.create(instance, callback, wrapper.host?.token, ...scope)
    return async (...args) => {
      try {
        return (await call(...args)) as unknown
      } catch (error) {
        if (error === REFUSED) return undefined
        const filter = selectExceptionFilterMetadata(filters, error)
        if (filter === undefined) throw error
        const host = new ExecutionContextHost([...args], wrapper.metatype as never, callback)
        host.setType(CONTEXT_TYPE)
        return (await filter.func(error, host)) as unknown
      }
    }
  }
}

/** Nest's creator, but a refusal is told from an error, pipes see the payload alone, and an interceptor may drop all. */
function creatorForEvents(creator: ExternalContextCreator, { guardsConsumer }: Parts): ExternalContextCreator {
  const forEvents = Object.create(creator) as ExternalContextCreator
  forEvents.getParamValue = (value, metadata, pipes) =>
    (metadata.type as unknown) === EVENT_PARAM ? Promise.resolve(value) : creator.getParamValue(value, metadata, pipes)
  forEvents.createGuardsFn = (guards, ...place) => {
    const activate = async (args: unknown): Promise<void> => {
      if (!(await guardsConsumer.tryActivate(guards, args, ...place))) throw REFUSED
    }
    return guards.length > 0 ? activate : null
  }
  forEvents.transformToResult = async (result: unknown) =>
    isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result
  return forEvents
}
