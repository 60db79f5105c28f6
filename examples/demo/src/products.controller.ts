// What the service is for: products by id, and the purge of one.

import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common'
import { firstValueFrom } from 'rxjs'
import { log } from './log.js'
import { ProductCache } from './product-cache.js'
import { PurgeStatistics } from './purge-statistics.js'

const { pid } = process

@Controller()
export class ProductsController {
  constructor(
    private readonly cache: ProductCache,
    private readonly statistics: PurgeStatistics,
  ) {}

  @Get('products/:id')
  async product(@Param('id') id: string): Promise<object> {
    const found = await this.cache.read(id)
    log(`GET /products/${id}: ${found.cache}`)
    return { ...found, pid }
  }

  @Post('purge/:id')
  @HttpCode(200)
  async purge(@Param('id') id: string): Promise<object> {
    log(`POST /purge/${id}: publishes cache.invalidate/purged`)
    return { generation: await this.cache.purge(id), pid }
  }

  @Get('purges')
  async purges(): Promise<object> {
    return { purges: await firstValueFrom(this.statistics.purges), pid }
  }
}
