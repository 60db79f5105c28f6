// Newline-delimited messages out of a stream of text chunks.

export function lineReader(onLine) {
  let rest = ''
  return (chunk) => {
    const text = rest + chunk
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      onLine(text.slice(from, end))
      from = end + 1
    }
    rest = text.slice(from)
  }
}

/** Writes of one turn of the event loop as one, which is what makes a socket fast. */
export function gathered(socket) {
  let pending = ''
  let room = true
  const flush = () => {
    room = socket.write(pending)
    pending = ''
  }
  return {
    write: (line) => {
      if (pending === '') setImmediate(flush)
      pending += line
    },
    ready: async () => {
      await new Promise((resolve) => setImmediate(resolve))
      if (!room) await new Promise((resolve) => socket.once('drain', resolve))
    },
  }
}
