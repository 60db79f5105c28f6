// The endpoint in a Nest application on Express.
import { ExpressAdapter } from '@nestjs/platform-express'
import { mountOn } from './nest.js'

export const mount = mountOn(() => new ExpressAdapter())
