/** What becomes of those who follow: slow clients, clients that come and go, and all of them when the bus closes. */
import { Agent, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventSource } from 'eventsource'
import { PATH } from './client.js'
import { CHANNEL, until } from './stage.js'
import type { Frame } from './tail-reader.js'
import type { TailScene } from './tail-scene.js'

const large = { zone: { ringSize: 32, entryPayload: 2 ** 14 }, bus: { onMissed: () => undefined } }

export function testTailClients(scene: TailScene): void {
  it('sends unique events without competing for them', async () => {
    await scene.set()
    const executed: unknown[] = []
    scene.stage.open().subscribe(CHANNEL, (payload) => executed.push(payload))
    const reader = await scene.follow()
    const { bus } = scene.stage
    for (let n = 1; n <= 8; n++) bus.publish(CHANNEL, 'purged', n, { unique: `key ${n}` })
    expect(await reader.frames(8)).toEqual(scene.framesOf(1, 2, 3, 4, 5, 6, 7, 8))
    await until(() => executed.length >= 8)
    expect(executed).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('spares a client that is cut off and comes back both gaps and repetitions', async () => {
    await scene.set({ zone: { ringSize: 64 } })
    const { port } = scene.server.address() as AddressInfo
    const source = new EventSource(`http://127.0.0.1:${port}${PATH}`)
    const seen: string[] = []
    source.addEventListener('purged', ({ lastEventId }) => seen.push(lastEventId))
    await until(() => source.readyState === source.OPEN)
    scene.publish(1, 2)
    await until(() => seen.length === 2)
    scene.server.closeAllConnections()
    scene.publish(3, 4)
    await until(() => source.readyState === source.CONNECTING)
    scene.publish(5)
    await until(() => source.readyState === source.OPEN)
    scene.publish(6)
    await until(() => seen.includes('6'))
    source.close()
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6'])
  })

  it('tells a client that does not read what it missed, and holds nothing for it', async () => {
    await scene.set(large)
    const responses: ServerResponse[] = []
    scene.server.on('request', (_, response: ServerResponse) => void responses.push(response))
    const reader = await scene.follow()
    let held = 0
    await scene.flood(2000, () => (held = Math.max(held, ...responses.map(({ writableLength }) => writableLength))))
    expect(held).toBeLessThan(2 ** 18)
    await reader.frames(1)
    scene.publish('last')
    await until(() => reader.text.includes('"payload":"last"'))
    expectCoverage(reader.parse())
  })
}

/** Every generation was sent or counted as missed, once and in order, and there was some of both. */
function expectCoverage(frames: readonly Frame[]): void {
  const ranges = frames.map(({ id, event, data }) => {
    return event === 'missed'
      ? (JSON.parse(data) as { from: number; to: number })
      : { from: Number(id), to: Number(id) }
  })
  const starts = ranges.map(({ from }) => from)
  expect(starts).toEqual([1, ...ranges.slice(0, -1).map(({ to }) => to + 1)])
  expect(new Set(frames.map(({ event }) => event))).toEqual(new Set(['purged', 'missed']))
}

export function testTailEnds(scene: TailScene): void {
  it('ends every stream at once when the bus closes', async () => {
    await scene.set()
    const readers = await Promise.all([scene.follow(), scene.follow('?channel='), scene.follow('?since=0')])
    scene.stage.bus.close()
    await Promise.all(readers.map((reader) => reader.over()))
    expect(readers.map(({ response }) => response.complete)).toEqual([true, true, true])
  })

  it('cuts off a client that does not read when the bus closes', async () => {
    await scene.set(large)
    await scene.follow()
    await scene.flood(1000)
    scene.stage.bus.close()
    await until(async () => (await scene.countConnections()) === 0)
  })

  it('lets its server close, and leaves the bus open', async () => {
    await scene.set()
    const reader = await scene.follow()
    await Promise.all([scene.stage.mounted.close(), reader.over()])
    expect(scene.stage.bus.closed).toBe(false)
  })

  it('lets its server close although the client would keep the connection for more', async () => {
    await scene.set()
    scene.server.keepAliveTimeout = 3_600_000
    const agent = new Agent({ keepAlive: true })
    const reader = await scene.follow('', undefined, agent)
    expect(reader.read().response.headers.connection).toBe('close')
    await scene.stage.mounted.close()
    expect(await scene.countConnections()).toBe(0)
  })

  it('lets go of a client that has gone', async () => {
    await scene.set()
    const reader = await scene.follow()
    scene.publish(1)
    await reader.frames(1)
    reader.vanish()
    await until(async () => (await scene.countConnections()) === 0)
    scene.publish(2)
    const next = await scene.follow('?since=1')
    expect(await next.frames(1)).toEqual(scene.framesOf(2))
  })
}
