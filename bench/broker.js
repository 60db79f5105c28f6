// The broker process: what one client sends, every client gets. It passes whole lines on and never looks into them.
import net from 'node:net'

const clients = new Set()

const server = net.createServer((socket) => {
  let rest = ''
  clients.add(socket)
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    const text = rest + chunk
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end > 0) pass(text.slice(0, end))
  })
  socket.on('error', () => undefined)
  socket.on('close', () => clients.delete(socket))
})

function pass(lines) {
  const bytes = Buffer.from(lines)
  for (const client of clients) client.write(bytes)
}

server.listen(process.argv[2], () => process.send('listening'))
