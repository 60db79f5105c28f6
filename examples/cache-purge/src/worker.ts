/** One process of the service, on a port of its own. */
import 'reflect-metadata'
import { CacheModule } from '@nestjs/cache-manager'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WorkerEventsModule } from '@worker-events/nest'
import { ProductsController } from './products.controller.js'
import { Purger } from './purger.js'
import { TaggedCache } from './tagged-cache.js'

@Module({
  imports: [
    CacheModule.register(),
    // A small ring, so that the scenario can fill it.
    WorkerEventsModule.forRoot({ zone: 'cache-purge', ringSize: 64, api: { channel: 'cache.invalidate' } }),
  ],
  controllers: [ProductsController],
  providers: [TaggedCache, Purger],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] })
await app.listen(0, '127.0.0.1')
process.send?.(await app.getUrl())
process.once('disconnect', () => void app.close())
