/** What the live tail sends, and from where on. */
import { eventBody } from './documents.js'
import { CHANNEL } from './stage.js'
import { type TailScene, missedFrame } from './tail-scene.js'

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

export function testTailFrames(scene: TailScene): void {
  it('answers at once, with the headers of a stream of events that nobody may keep', async () => {
    await scene.set()
    const { response } = await scene.follow()
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject(headers)
    expect(response.headers['content-length']).toBeUndefined()
  })

  it('answers HEAD with those headers and no stream', async () => {
    await scene.set()
    const answer = await scene.stage.client().ask({ method: 'HEAD', headers: { accept: 'text/event-stream' } })
    expect(answer).toEqual({ status: 200, headers, body: '', isReused: false })
  })

  it('begins with a comment and sends each event from then on as id, event and data', async () => {
    await scene.set()
    scene.publish('before')
    const reader = await scene.follow()
    scene.publish('tag:assets')
    await reader.frames(1)
    const data = eventBody(scene.stage.bus, { generation: 2 })
    expect(reader.text).toBe(`:\n\nid: 2\nevent: purged\ndata: ${data}\n\n`)
  })

  it('shows line breaks of a type as spaces, but exactly in the data', async () => {
    await scene.set()
    const reader = await scene.follow()
    const type = 'a\nb\r\nc\rdata: d'
    scene.stage.bus.publish(CHANNEL, type, '\n\r\n\u2028')
    const frame = scene.frameOf({ generation: 1, type, payload: '"\\n\\r\\n\u2028"' })
    expect(await reader.frames(1)).toEqual([{ ...frame, event: 'a b c data: d' }])
  })

  it('sends bytes as base64', async () => {
    await scene.set()
    const reader = await scene.follow()
    scene.publish(Uint8Array.of(0, 255, 34))
    const added = ',"payload_encoding":"base64"'
    expect(await reader.frames(1)).toEqual([scene.frameOf({ generation: 1, payload: '"AP8i"', added })])
  })
}

export function testTailFilters(scene: TailScene): void {
  it.each([
    ['the channel of the endpoint', '', [1, 2, 5]],
    ['another channel', '?channel=orders', [3]],
    ['every channel', '?channel=', [1, 2, 3, 4, 5]],
    ['one type', '?type=warmed', [2]],
    ['one type of every channel', '?channel=&type=placed', [3, 4]],
    ['all, whatever the limit', '?limit=1', [1, 2, 5]],
  ])('sends %s', async (_, query, generations) => {
    await scene.set()
    const reader = await scene.follow(query)
    const { bus } = scene.stage
    scene.publish(1)
    bus.publish(CHANNEL, 'warmed', 2)
    bus.publish('orders', 'placed', 3)
    bus.publish('returns', 'placed', 4)
    scene.publish(5)
    await reader.frames(generations.length)
    // Whatever else would have been sent comes before this.
    bus.close()
    await reader.over()
    expect(reader.parse().map(({ id }) => Number(id))).toEqual(generations)
  })
}

export function testTailStarts(scene: TailScene): void {
  it.each([
    ['since', '?since=2', undefined, [3, 4, 5]],
    ['since=0, which is the beginning', '?since=0', undefined, [1, 2, 3, 4, 5]],
    ['the last event that it saw', '', '3', [4, 5]],
    ['the last event that it saw, whatever since says', '?since=1', '3', [4, 5]],
    ['since, if the last event is not readable', '?since=1', '3, 4', [2, 3, 4, 5]],
    ['now, if neither is readable', '?since=x', 'y', [5]],
    ['now, if what it names is still to come', '?since=100', undefined, [5]],
  ])('goes on after %s', async (_, query, lastEventId, generations) => {
    await scene.set()
    scene.publish(1, 2, 3, 4)
    const reader = await scene.follow(query, lastEventId)
    scene.publish(5)
    expect(await reader.frames(generations.length)).toEqual(scene.framesOf(...generations))
  })

  it('begins with what was missed if the start is not retained any more', async () => {
    await scene.set({ zone: { ringSize: 4 }, bus: { onMissed: () => undefined } })
    scene.publish(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    const reader = await scene.follow('?since=2')
    expect(await reader.frames(5)).toEqual([missedFrame(3, 6), ...scene.framesOf(7, 8, 9, 10)])
  })
}
