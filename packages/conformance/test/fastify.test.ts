import { mount } from '../mounts/fastify.js'
import { describeApi } from '../src/index.js'

describeApi('Fastify 5', mount)
