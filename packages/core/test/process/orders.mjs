/**
 * The child's side of the fleet: takes orders by IPC, carries them out and answers each with its result or its error. A
 * process can hire threads that run the same script and take the same orders, which it passes on.
 */
import process from 'node:process'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'

/** Takes orders by these names. Without its parent a process has nothing left to do. */
export function obey(orders) {
  const known = { ready: () => undefined, hire, tell, dismiss, ...orders }
  const port = isMainThread ? process : parentPort
  const reply = (answer) => (isMainThread ? process.send(answer) : parentPort.postMessage(answer))
  port.on('message', ({ id, name, given }) => {
    carryOut(known[name], given).then(
      (result) => reply({ id, result }),
      ({ code, message }) => reply({ id, error: { code, message } }),
    )
  })
  if (isMainThread) process.on('disconnect', () => process.exit())
}

async function carryOut(order, given) {
  return order(...given)
}

const threads = []
let told = 0

/** Starts a thread; returns its number here. */
function hire() {
  threads.push(new Worker(process.argv[1]))
  return threads.length - 1
}

/** Has a thread carry out an order. */
async function tell(number, name, ...given) {
  const thread = threads[number]
  return new Promise((resolve, reject) => {
    const id = ++told
    const hear = (answer) => {
      if (answer.id !== id) return
      thread.off('message', hear)
      if (answer.error === undefined) resolve(answer.result)
      else reject(answer.error)
    }
    thread.on('message', hear)
    thread.postMessage({ id, name, given })
  })
}

/** Ends a thread, wherever it is. */
async function dismiss(number) {
  await threads[number].terminate()
}
