/** What a client sees: products from the cache, and a way to purge them. */
import { setTimeout } from 'node:timers/promises'
import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common'
import type { Outcome } from './purges.js'
import { Purger } from './purger.js'
import { TaggedCache } from './tagged-cache.js'

/** What the source takes for one product, in milliseconds. */
const SOURCE_TIME = 20

@Controller()
export class ProductsController {
  constructor(
    readonly cache: TaggedCache,
    readonly purger: Purger,
  ) {}

  /** Even products are shoes, odd ones are hats. */
  @Get('products/:id')
  async read(@Param('id', ParseIntPipe) id: number): Promise<object> {
    const kind = id % 2 === 0 ? 'shoes' : 'hats'
    const { value, isHit } = await this.cache.read(`product:${id}`, [kind], async () => {
      await setTimeout(SOURCE_TIME)
      return { id, kind }
    })
    return { ...value, cache: isHit ? 'hit' : 'miss' }
  }

  @Post('purge')
  @HttpCode(200)
  async purge(
    @Body() { keys = [], tags = [] }: { keys?: string[]; tags?: string[] },
  ): Promise<Outcome & { everywhere: boolean }> {
    return this.purger.purge([...keys.map((key) => ({ key })), ...tags.map((tag) => ({ tag }))])
  }
}
