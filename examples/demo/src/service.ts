// One process of the service. It knows nothing of the others, nor of the one that started it: what they share is the zone.

import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WorkerEventsModule } from '@worker-events/nest'
import { ProductCache } from './product-cache.js'
import { ProductsController } from './products.controller.js'
import { PurgeStatistics } from './purge-statistics.js'

const api = { channel: 'cache.invalidate', publishKey: process.env.PUBLISH_KEY }

@Module({
  imports: [WorkerEventsModule.forRoot({ zone: 'demo', api })],
  controllers: [ProductsController],
  providers: [ProductCache, PurgeStatistics],
})
class ServiceModule {}

const app = await NestFactory.create(ServiceModule, { logger: ['error', 'warn'] })
// Ctrl-C reaches every process of the terminal; what follows from it is decided by the one that started this.
process.on('SIGINT', () => undefined)
process.once('disconnect', () => void app.close())
await app.listen(Number(process.env.PORT), '127.0.0.1')
