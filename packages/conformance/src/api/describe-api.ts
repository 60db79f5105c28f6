/** What every mount of `worker_events_api` does, whatever framework it is mounted in. */
import { jest } from '@jest/globals'
import { testConnections } from './connections.js'
import { testExchanges } from './exchange.js'
import { inspections } from './inspections.js'
import { testLingering } from './lingering.js'
import { publications } from './publications.js'
import { refusals } from './refusals.js'
import type { Mount, Peculiarities } from './stage.js'
import { testTailClients, testTailEnds } from './tail-clients.js'
import { testTailFilters, testTailFrames, testTailStarts } from './tail-contents.js'
import { TailScene } from './tail-scene.js'

/**
 * Runs the suite on one mount.
 * @param peculiarities what a framework cannot be kept from adding
 */
export function describeApi(name: string, mount: Mount, peculiarities: Peculiarities = {}): void {
  // What is awaited here comes in milliseconds, on a machine that has nothing else to do.
  jest.setTimeout(20_000)
  describe(`worker_events_api on ${name}`, () => {
    describe('inspecting', () => testExchanges(inspections, mount, peculiarities))
    describe('publishing', () => testExchanges(publications, mount, peculiarities))
    describe('refusing', () => testExchanges(refusals, mount, peculiarities))
    describe('a connection', () => testConnections(mount, peculiarities))
    describe('a request that is answered early', () => testLingering(mount, peculiarities))
    describe('the live tail', () => testTails(new TailScene(mount, peculiarities)))
  })
}

function testTails(scene: TailScene): void {
  afterEach(() => scene.clear())
  testTailFrames(scene)
  testTailFilters(scene)
  testTailStarts(scene)
  testTailClients(scene)
  testTailEnds(scene)
}
