// Messages of node:cluster, which the primary passes on to every worker.
export const relays = true

export function start() {
  return { info: null, pids: [], stop: () => undefined }
}

export function connect(_, __, receive) {
  let room = true
  let waiting
  process.on('message', (message) => {
    if (message.event !== undefined) receive(message.event)
  })
  const sent = () => {
    room = true
    waiting?.()
  }
  return {
    burst: 256,
    publish: (payload) => {
      room = process.send({ event: payload }, sent)
    },
    ready: () => (room ? undefined : new Promise((resolve) => (waiting = resolve))),
    close: () => undefined,
  }
}
