// Joining a zone: from when on a worker gets what others publish.

import { attach } from '../src/attachment.js'
import { createZoneBuffer } from '../src/opening.js'
import { SharedRegion } from '../src/region/shared.js'
import { WorkerEvents } from '../src/worker-events.js'

describe('a worker that joins', () => {
  it('gets everything that is published from the moment on that inspect() shows it', () => {
    const memory = createZoneBuffer()
    using publisher = WorkerEvents.open({ zone: memory, pollInterval: 0 })
    const region = new SharedRegion(memory)
    let published: number | undefined
    const publishOnceItShows = (): void => {
      if (publisher.inspect().workers.length === 2) published ??= publisher.publish('cache', 'purged')
    }
    lookingAround(region, publishOnceItShows)

    const joined = attach(
      () => region,
      () => undefined,
    )
    publishOnceItShows()

    expect(joined.zone.publicOf(joined.reader.cursor)).toBe(published)
    expect(joined.hasUnread).toBe(true)
    joined.leave()
  })
})

/** Has `look` called before the joining worker takes each of its looks at what others may change meanwhile. */
function lookingAround(region: SharedRegion, look: () => void): void {
  const head = region.zone.head.bind(region.zone)
  region.zone.head = () => {
    look()
    return head()
  }
  region.standing = () => {
    look()
    return 'current'
  }
}
