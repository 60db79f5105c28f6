// A member as a process of node:cluster.
import { runMember } from './member.js'

await runMember(JSON.parse(process.argv[2]), {
  send: (message) => process.send({ bench: message }),
  onOrder: (listener) =>
    process.on('message', (message) => {
      if (message.order !== undefined) listener(message)
    }),
})
