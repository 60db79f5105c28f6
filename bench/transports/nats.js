// NATS, with its own client.
import { connect as connectNats } from '@nats-io/transport-node'
import { isInstalled, serveNats } from '../servers.js'

export const isAvailable = () => isInstalled('nats-server')
export const start = serveNats

export async function connect(port, _, receive) {
  const client = await connectNats({ servers: `127.0.0.1:${port}` })
  client.subscribe('bench', { callback: (__, message) => receive(message.json()) })
  await client.flush()
  return {
    burst: 256,
    publish: (payload) => client.publish('bench', JSON.stringify(payload)),
    ready: () => client.flush(),
    close: () => client.close(),
  }
}
