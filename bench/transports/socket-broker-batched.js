// The same broker, whose publishers gather the lines of a turn of the event loop into one write.
import { once } from 'node:events'
import net from 'node:net'
import { gathered, lineReader } from '../lines.js'

export { start } from './socket-broker.js'

export async function connect(file, _, receive) {
  const socket = net.connect(file)
  socket.setEncoding('utf8')
  await once(socket, 'connect')
  socket.on(
    'data',
    lineReader((line) => receive(JSON.parse(line))),
  )
  const { write, ready } = gathered(socket)
  return {
    burst: 256,
    publish: (payload) => write(JSON.stringify(payload) + '\n'),
    ready,
    close: () => socket.destroy(),
  }
}
