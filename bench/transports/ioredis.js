// Redis pub/sub with ioredis.
import { Redis } from 'ioredis'
import { isInstalled, serveRedis } from '../servers.js'

export const isAvailable = () => isInstalled('redis-server')
export const start = serveRedis

export async function connect(port, _, receive) {
  const [publisher, subscriber] = [new Redis(port, '127.0.0.1'), new Redis(port, '127.0.0.1')]
  await subscriber.subscribe('bench')
  subscriber.on('message', (__, message) => receive(JSON.parse(message)))
  let last
  return {
    burst: 256,
    publish: (payload) => {
      last = publisher.publish('bench', JSON.stringify(payload))
    },
    ready: () => last,
    close: () => {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}
