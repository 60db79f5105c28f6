// BroadcastChannel between threads, with the object itself, as it is used. It does not come back to its sender, who therefore delivers to itself.
export const usesThreads = true

export function start() {
  return { info: `bench-${process.pid}`, pids: [], stop: () => undefined }
}

export function connect(name, _, receive) {
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => receive(data)
  return {
    burst: 256,
    publish: (payload) => {
      channel.postMessage(payload)
      queueMicrotask(() => receive(payload))
    },
    ready: () => undefined,
    close: () => channel.close(),
  }
}
