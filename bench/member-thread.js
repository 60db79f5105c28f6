// A member as a thread.
import { parentPort, workerData } from 'node:worker_threads'
import { runMember } from './member.js'

await runMember(workerData, {
  send: (message) => parentPort.postMessage(message),
  onOrder: (listener) => parentPort.on('message', listener),
})
