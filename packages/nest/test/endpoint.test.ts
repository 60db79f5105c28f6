import { describeApi } from '@worker-events/conformance'
import { mountOn } from './mount.js'

describeApi('Nest on Express', mountOn('express'), { headers: ['x-powered-by'] })
describeApi('Nest on Fastify', mountOn('fastify'))
