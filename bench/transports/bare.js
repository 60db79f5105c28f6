// A worker with nothing open: what idling and memory are compared with.
export function start() {
  return { info: null, pids: [], stop: () => undefined }
}

export function connect() {
  return { burst: 1, publish: () => undefined, ready: () => undefined, close: () => undefined }
}
