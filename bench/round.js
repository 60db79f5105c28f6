// One round in a process of its own, so that no measure inherits the heap or the compiled code of another.
import { fork } from 'node:child_process'
import { once } from 'node:events'

const LIMIT = 60_000

const running = new Set()

/** Ends a round with all that it has started: servers too, of which it cannot take care when it is killed. */
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended, and whatever it had started.
  }
}

process.on('exit', () => running.forEach(end))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Forks a script with one JSON argument and gives what it sends. */
export async function runIn(script, argument) {
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(argument)], { detached: true })
  running.add(child)
  const timer = setTimeout(() => end(child), LIMIT)
  const sent = once(child, 'message')
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${script} ${JSON.stringify(argument)} ended with ${code ?? signal} and no result`)
  })
  try {
    const [result] = await Promise.race([sent, ended])
    return result
  } finally {
    clearTimeout(timer)
    await ended.catch(() => undefined)
    running.delete(child)
    end(child)
  }
}
