// Redis pub/sub with node-redis.
import { createClient } from 'redis'
import { isInstalled, serveRedis } from '../servers.js'

export const isAvailable = () => isInstalled('redis-server')
export const start = serveRedis

export async function connect(port, _, receive) {
  const url = `redis://127.0.0.1:${port}`
  const [publisher, subscriber] = [createClient({ url }), createClient({ url })]
  await Promise.all([publisher.connect(), subscriber.connect()])
  await subscriber.subscribe('bench', (message) => receive(JSON.parse(message)))
  let last
  return {
    burst: 256,
    publish: (payload) => {
      last = publisher.publish('bench', JSON.stringify(payload))
    },
    ready: () => last,
    close: () => {
      publisher.destroy()
      subscriber.destroy()
    },
  }
}
