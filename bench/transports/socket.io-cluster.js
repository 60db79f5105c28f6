// socket.io's cluster adapter: serverSideEmit over node:cluster, which leaves the sender out.
import { createAdapter } from '@socket.io/cluster-adapter'
import { Server } from 'socket.io'

/** The primary needs the adapter's half, and the workers are those of node:cluster. */
export const usesCluster = true

export function start() {
  return { info: null, pids: [], stop: () => undefined }
}

export async function connect(_, __, receive) {
  const io = new Server({ adapter: createAdapter() })
  io.on('event', receive)
  return {
    burst: 64,
    publish: (payload) => {
      io.serverSideEmit('event', payload)
      queueMicrotask(() => receive(JSON.parse(JSON.stringify(payload))))
    },
    ready: () => undefined,
    close: () => undefined,
  }
}
