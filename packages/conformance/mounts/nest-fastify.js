// The endpoint in a Nest application on Fastify.
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { mountOn } from './nest.js'

export const mount = mountOn(() => new FastifyAdapter())
