// Who takes part, how many events a round of each has, and what it is called in tables.

export const rivals = {
  'worker-events': { title: 'worker-events', count: 900_000, isOurs: true },
  'worker-events-threads': { title: 'worker-events, threads', count: 300_000, isOurs: true, usesThreads: true },
  'socket-broker': { title: 'Unix-socket broker', count: 600_000 },
  'socket-broker-batched': { title: 'Unix-socket broker, writes gathered', count: 900_000 },
  'broadcast-channel': { title: 'BroadcastChannel (threads)', count: 300_000, usesThreads: true },
  nats: { title: 'NATS', count: 250_000 },
  ioredis: { title: 'Redis pub/sub, ioredis', count: 120_000 },
  redis: { title: 'Redis pub/sub, node-redis', count: 80_000 },
  'cluster-ipc': { title: 'node:cluster IPC', count: 60_000 },
  'socket.io-cluster': { title: 'socket.io cluster adapter', count: 40_000 },
  'event-emitter': { title: 'EventEmitter, one process (ceiling)', count: 3_000_000, isCeiling: true },
}

/** The names of those who can take part here, and of those who cannot. */
export async function available() {
  const present = []
  const absent = []
  for (const name of Object.keys(rivals)) {
    const { isAvailable } = await import(`./transports/${name}.js`)
    if (isAvailable === undefined || isAvailable()) present.push(name)
    else absent.push(name)
  }
  return { present, absent }
}
