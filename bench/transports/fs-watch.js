// The bare wake-up: a file that every worker watches, with the time of the last write in it. No bus can be faster than this.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { now } from '../payload.js'

export function start() {
  const root = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
  const directory = fs.mkdtempSync(path.join(root, 'worker-events-bench-'))
  const file = path.join(directory, 'bell')
  fs.writeFileSync(file, Buffer.alloc(8))
  return { info: file, pids: [], stop: () => fs.rmSync(directory, { recursive: true, force: true }) }
}

export function connect(file, { isPublisher }, receive) {
  const fd = fs.openSync(file, 'r+')
  const time = new Float64Array(1)
  const bytes = new Uint8Array(time.buffer)
  let last = 0
  const watcher = isPublisher
    ? undefined
    : fs.watch(file, () => {
        const woken = now()
        fs.readSync(fd, bytes, 0, 8, 0)
        if (time[0] !== last) receive({ from: 0, at: (last = time[0]), woken })
      })
  return {
    burst: 1,
    publish: ({ at }) => {
      time[0] = at
      fs.writeSync(fd, bytes, 0, 8, 0)
    },
    ready: () => undefined,
    close: () => watcher?.close(),
  }
}
