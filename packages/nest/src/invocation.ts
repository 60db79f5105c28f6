/**
 * How a decorated method is called. One of a singleton, with nothing bound to it, is called as it is; one with guards,
 * pipes, interceptors or filters by Nest's own means; one of a scoped provider on an instance of its own. Of Nest's
 * classes, no private member is used.
 */
import { type ArgumentsHost, type CanActivate, Injectable } from '@nestjs/common'
import { EXCEPTION_FILTERS_METADATA, GUARDS_METADATA, INTERCEPTORS_METADATA } from '@nestjs/common/constants.js'
import { PIPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import { selectExceptionFilterMetadata } from '@nestjs/common/utils/select-exception-filter-metadata.util.js'
import { ApplicationConfig, ContextIdFactory, ExternalContextCreator, ModuleRef, ModulesContainer } from '@nestjs/core'
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js'
import { GuardsConsumer } from '@nestjs/core/guards/index.js'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import type { NestContainer } from '@nestjs/core/injector/container.js'
import type { ContextId, InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js'
import { isObservable, lastValueFrom } from 'rxjs'
import { PARAMS } from './decorators.js'

const CONTEXT_TYPE = 'worker-events'

/** True in guards, pipes, interceptors and filters of an event: one that knows only HTTP steps aside. */
export const isWorkerEventContext = (context: ArgumentsHost): boolean => context.getType<string>() === CONTEXT_TYPE

/** Calls a decorated method. */
export type Call = (...args: readonly unknown[]) => unknown
type Instance = Record<string, Call>
type Filter = NonNullable<ReturnType<typeof selectExceptionFilterMetadata>>

const bindings = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA]

@Injectable()
export class Invocation {
  readonly #creator: ExternalContextCreator
  readonly #filters: Filters
  /** What is made for an event is shared by all who handle it. */
  readonly #contexts = new WeakMap<object, ContextId>()

  constructor(
    creator: ExternalContextCreator,
    modules: ModulesContainer,
    readonly config: ApplicationConfig,
  ) {
    this.#creator = Object.assign(Object.create(creator) as ExternalContextCreator, deviations(creator))
    this.#filters = new Filters({ getModules: () => modules } as NestContainer, config)
  }

  /** What calls the method. The last argument is the request of a scoped provider. */
  callOf(wrapper: InstanceWrapper, method: string): Call {
    if (!wrapper.isDependencyTreeStatic()) return (...args) => this.#callScoped(wrapper, method, args)
    const instance = wrapper.instance as Instance
    if (this.#isBound(instance, method)) return this.#enhance(instance, wrapper, method)
    return (...args) => instance[method](...args)
  }

  #isBound(instance: Instance, method: string): boolean {
    const { config } = this
    const global = [config.getGlobalGuards(), config.getGlobalPipes(), config.getGlobalInterceptors()]
    if ([...global, config.getGlobalFilters()].flat().length > 0) return true
    if (Reflect.hasMetadata(ROUTE_ARGS_METADATA, instance.constructor, method)) return true
    const places = [instance.constructor, instance[method]]
    return bindings.some((key) => places.some((place) => Reflect.hasMetadata(key, place)))
  }

  async #callScoped(wrapper: InstanceWrapper, method: string, args: readonly unknown[]): Promise<unknown> {
    const request = args.at(-1) as object
    const contextId = this.#contexts.get(request) ?? ContextIdFactory.getByRequest(request)
    this.#contexts.set(request, contextId)
    const moduleRef = wrapper.host?.getProviderByKey<ModuleRef>(ModuleRef).instance as ModuleRef
    moduleRef.registerRequestByContextId(request, contextId)
    const instance = await moduleRef.resolve<Instance>(wrapper.token as string, contextId)
    return this.#enhance(instance, wrapper, method, contextId)(...args)
  }

  #enhance(instance: Instance, { id, host }: InstanceWrapper, method: string, contextId?: ContextId): Call {
    const place = [method, PARAMS, params, contextId, id] as const
    const options = { guards: true, interceptors: true, filters: false }
    const call = this.#creator.create(instance, instance[method], ...place, options, CONTEXT_TYPE)
    const filters = this.#filters.find(host?.token ?? '', instance, instance[method], contextId, id)
    return async (...args) => {
      try {
        return (await call(...args)) as unknown
      } catch (error) {
        if (error === REFUSED) return undefined
        const filter = selectExceptionFilterMetadata(filters, error)
        if (filter === undefined) throw error
        const context = new ExecutionContextHost([...args])
        context.setType(CONTEXT_TYPE)
        return (await filter.func(error, context)) as unknown
      }
    }
  }
}

/** Nest's own finder, but what it finds is told: Nest throws, and logs, what a filter catches and returns nothing for. */
class Filters extends ExternalExceptionFilterContext {
  find(module: string, ...[instance, method, ...at]: [Instance, Call, ContextId | undefined, string]): Filter[] {
    this.moduleContext = module
    return this.createContext<unknown[], Filter[]>(instance, method, EXCEPTION_FILTERS_METADATA, ...at).reverse()
  }
}

const params = {
  exchangeKeyForValue(param: RouteParamtypes, data: unknown, [payload, event]: readonly unknown[]): unknown {
    if (param !== RouteParamtypes.BODY) return param === RouteParamtypes.REQUEST ? event : undefined
    return typeof data === 'string' ? (payload as Record<string, unknown> | undefined)?.[data] : payload
  },
}

/** Thrown when a guard says no, which is no error. */
const REFUSED = new Error('refused by a guard')

/** Where events differ from requests: a refusal is no error, pipes see the payload alone, interceptors may drop all. */
const deviations = (creator: ExternalContextCreator): Partial<ExternalContextCreator> => ({
  createGuardsFn: (guards, instance, callback, type) => async (args: unknown[]) => {
    if (!(await new GuardsConsumer().tryActivate(guards as CanActivate[], args, instance, callback, type)))
      throw REFUSED
  },
  getParamValue: async (value, meta, pipes) =>
    (meta.type as unknown) === RouteParamtypes.REQUEST
      ? value
      : ((await creator.getParamValue(value, meta, pipes)) as unknown),
  transformToResult: async (result) =>
    isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : (result as unknown),
})
