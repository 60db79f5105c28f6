/** The child's side of the fleet: takes orders by IPC, carries them out and answers each with its result or its error. */
import process from 'node:process'

/** Takes orders by these names. Without its parent a process has nothing left to do. */
export function obey(orders) {
  const known = { ready: () => undefined, ...orders }
  process.on('message', ({ id, name, given }) => {
    carryOut(known[name], given).then(
      (result) => process.send({ id, result }),
      ({ code, message }) => process.send({ id, error: { code, message } }),
    )
  })
  process.on('disconnect', () => process.exit())
}

async function carryOut(order, given) {
  return order(...given)
}
