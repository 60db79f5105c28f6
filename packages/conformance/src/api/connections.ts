/** What happens on the wire: every method, bodies that break off, questions that do not wait for answers. */
import { Buffer } from 'node:buffer'
import { METHODS } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { PATH } from './client.js'
import { errorBody, publishedBody } from './documents.js'
import { type Mount, type Peculiarities, Stage, until } from './stage.js'

const body = '{"type":"purged","payload":"tag:assets"}'
const json = { 'content-type': 'application/json' }

const head = (length: number): string =>
  `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

export function testConnections(mount: Mount, peculiarities: Peculiarities): void {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.set(mount, { bus: { pollInterval: 0 } }, peculiarities)
  })
  afterEach(() => stage.clear())

  testMethods(() => stage)
  testBrokenBodies(() => stage)
}

const dial = ({ server }: Stage): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1')

function testMethods(stage: () => Stage): void {
  it('refuses every method but three that reaches it', async () => {
    const client = stage().client()
    const others = METHODS.filter((method) => !['GET', 'HEAD', 'POST', 'CONNECT'].includes(method))
    const answers = await Promise.all(others.map((method) => client.ask({ method })))
    const refusal = errorBody('method not allowed', 'ERR_METHOD_NOT_ALLOWED')
    expect(answers.map(({ status, body: text }) => [status, text])).toEqual(others.map(() => [405, refusal]))
  })

  it('answers questions that did not wait for each other, in order', async () => {
    const socket = dial(stage())
    const last = `GET ${PATH}?limit=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`
    socket.write(`${head(body.length)}${body}${head(2)}{}${head(body.length)}${body}${last}`)
    const answers = Buffer.concat((await socket.toArray()) as Buffer[]).toString()
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    expect(statuses).toEqual([200, 400, 200, 200])
    expect(stage().bus.inspect().newestGeneration).toBe(2)
  })

  it('tells nothing of a key in what it answers', async () => {
    const headers = { authorization: 'Bearer hunter2' }
    const answer = await stage().client().ask({ query: '?key=hunter2', headers })
    expect(JSON.stringify(answer)).not.toContain('hunter2')
  })
}

function testBrokenBodies(stage: () => Stage): void {
  const countConnections = (): Promise<number> =>
    new Promise((resolve) => stage().server.getConnections((_, count) => resolve(count)))

  async function expectNothingPublished(): Promise<void> {
    expect(stage().bus.inspect().newestGeneration).toBe(0)
    expect(stage().reported).toEqual([])
    const answer = await stage().client().ask({ method: 'POST', headers: json, body })
    expect(answer).toMatchObject({ status: 200, body: publishedBody(1) })
  }

  it('publishes nothing of a body that is cut off', async () => {
    const socket = dial(stage())
    socket.write(head(body.length) + body.slice(0, -1))
    await until(async () => (await countConnections()) === 1)
    socket.destroy()
    await until(async () => (await countConnections()) === 0)
    await expectNothingPublished()
  })

  it('closes a connection whose client ends it within a body', async () => {
    const socket = dial(stage())
    socket.end(head(body.length) + body.slice(0, -1))
    await socket.toArray()
    await expectNothingPublished()
  })

  it('refuses what is too large to one who asks before sending it', async () => {
    const headers = { ...json, expect: '100-continue' }
    const answer = await stage()
      .client()
      .ask({ method: 'POST', headers, body: ' '.repeat(2 ** 21) })
    expect(answer).toMatchObject({ status: 413 })
    await expectNothingPublished()
  })
}
