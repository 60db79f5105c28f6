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
interface Filters {
  readonly filters: Parameters<typeof selectExceptionFilterMetadata>[0]
}

/** Private parts of Nest's creator: three find what is bound to a method, globally too. */
type Finder<Found> = Record<'create', (...place: readonly unknown[]) => Found>
type Finders = Record<'guardsContextCreator' | 'pipesContextCreator' | 'interceptorsContextCreator', Finder<unknown[]>>
type Parts = Finders & {
  readonly filtersContextCreator: Finder<Filters>
  readonly guardsConsumer: Record<'tryActivate', (...args: readonly unknown[]) => Promise<boolean>>
}

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
    this.#moduleRef.registerRequestByContextId(args.at(-1), contextId)
    const host = wrapper.host as Module
    const collection = host.controllers.has(wrapper.token) ? host.controllers : host.providers
    const prototype = wrapper.instance as Instance
    const instance = await this.#injector.loadPerContext(prototype, host, collection, contextId, wrapper)
    return this.#enhance(instance, wrapper, method, contextId)(...args)
  }

  #isEnhanced(instance: Instance, wrapper: InstanceWrapper, method: string): boolean {
    const { guardsContextCreator, pipesContextCreator, interceptorsContextCreator, filtersContextCreator } = this.#parts
    const place = [instance, instance[method], wrapper.host?.token, undefined, wrapper.id]
    const finders = [guardsContextCreator, pipesContextCreator, interceptorsContextCreator]
    const found = [...finders.map((finder) => finder.create(...place)), filtersContextCreator.create(...place).filters]
    return found.flat().length > 0 || Reflect.hasMetadata(ROUTE_ARGS_METADATA, instance.constructor, method)
  }

  #enhance(instance: Instance, { id }: InstanceWrapper, method: string, contextId?: ContextId): Call {
    const place = [method, PARAMS, params, contextId, id] as const
    const options = { guards: true, interceptors: true, filters: true }
    return this.#creator.create(instance, instance[method], ...place, options, CONTEXT_TYPE)
  }
}

/** Thrown when a guard says no, which is no error. */
const REFUSED = new Error('refused by a guard')

/** Nest's creator, but a refusal is no error, pipes see the payload alone, interceptors may drop all, filters settle. */
function creatorForEvents(creator: ExternalContextCreator, { guardsConsumer }: Parts): ExternalContextCreator {
  const getParamValue: typeof creator.getParamValue = async (value, metadata, pipes) =>
    (metadata.type as unknown) === EVENT_PARAM
      ? value
      : ((await creator.getParamValue(value, metadata, pipes)) as unknown)
  const createGuardsFn: typeof creator.createGuardsFn =
    (guards, ...place) =>
    async (args: unknown) => {
      if (!(await guardsConsumer.tryActivate(guards, args, ...place))) throw REFUSED
    }
  const transformToResult = async (result: unknown): Promise<unknown> =>
    isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result
  const externalErrorProxy = { createProxy: filtered }
  return Object.assign(Object.create(creator) as typeof creator, {
    getParamValue,
    createGuardsFn,
    transformToResult,
    externalErrorProxy,
  })
}

/** A call whose errors go to the filters that catch them: then they are settled, whatever a filter returns. */
function filtered(call: Call, { filters }: Filters, type: string): Call {
  return async (...args) => {
    try {
      return await call(...args)
    } catch (error) {
      if (error === REFUSED) return undefined
      const filter = selectExceptionFilterMetadata(filters, error)
      if (filter === undefined) throw error
      const host = new ExecutionContextHost([...args])
      host.setType(type)
      return (await filter.func(error, host)) as unknown
    }
  }
}
