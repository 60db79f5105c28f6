// One round in a process of its own, so that no measure inherits the heap or the compiled code of another.
import { fork } from 'node:child_process'
import { once } from 'node:events'

const LIMIT = 60_000

/** Forks a script with one JSON argument and gives what it sends. */
export async function runIn(script, argument, execArgv = []) {
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(argument)], { execArgv })
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT)
  const sent = once(child, 'message')
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${script} ${JSON.stringify(argument)} ended with ${code ?? signal} and no result`)
  })
  try {
    const [result] = await Promise.race([sent, ended])
    return result
  } finally {
    clearTimeout(timer)
    ended.catch(() => undefined)
  }
}
