// A WebSocket server that says back what it hears, as fast as one core of Node can: the target of bench/websocket.ts.
// Arguments: port; seconds between two pings to each client, 0: none. Prints `listening PORT`, and at SIGTERM what it saw.
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

const [port = 0, pingSeconds = 0] = process.argv.slice(2).map(Number)
const ping = Buffer.from([0x89, 0])
const seen = { opened: 0, lost: 0, pings: 0, pongs: 0, messages: 0 }

const server = createServer({ noDelay: true }, (socket) => {
  let isOpen = false
  let hasClosed = false
  let rest = null
  let pinging = null
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    clearInterval(pinging)
    if (isOpen && !hasClosed) seen.lost++
  })
  socket.on('data', (bytes) => {
    let given = rest === null ? bytes : Buffer.concat([rest, bytes])
    rest = null
    if (!isOpen) {
      const end = given.indexOf('\r\n\r\n')
      if (end < 0) {
        rest = given
        return
      }
      const key = /^sec-websocket-key: *(\S+)/im.exec(given.toString('latin1', 0, end))?.[1] ?? ''
      const accept = createHash('sha1')
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      isOpen = true
      seen.opened++
      given = given.subarray(end + 4)
      if (pingSeconds > 0) {
        pinging = setInterval(() => {
          seen.pings++
          socket.write(ping)
        }, pingSeconds * 1000)
      }
    }
    const used = answer(given, socket, () => {
      hasClosed = true
    })
    if (used < given.length) rest = Buffer.from(given.subarray(used))
  })
})

/** Frames up to 65,535 bytes, unmasked where they lie. @returns bytes used */
function answer(bytes, socket, onClose) {
  const answers = []
  let at = 0
  while (bytes.length >= at + 6) {
    const short = bytes[at + 1] & 127
    const head = short === 126 ? 4 : 2
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short
    const from = at + head + 4
    const end = from + length
    if (bytes.length < end) break
    const opcode = bytes[at] & 15
    if (opcode === 10) seen.pongs++
    else {
      const key = bytes.readInt32BE(from - 4)
      for (let index = from, mask = key; index < end; index++) {
        bytes[index] ^= mask >>> 24
        mask = (mask << 8) | (mask >>> 24)
      }
      // The head without a mask goes where the key was.
      bytes.copyWithin(from - head, at, at + head)
      bytes[from - head + 1] &= 127
      answers.push(bytes.subarray(from - head, end))
      if (opcode === 8) onClose()
      else seen.messages++
    }
    at = end
  }
  if (answers.length === 1) socket.write(answers[0])
  else if (answers.length > 1) socket.write(Buffer.concat(answers))
  return at
}

process.on('SIGTERM', () => {
  console.log(JSON.stringify(seen))
  process.exit(0)
})
server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`listening on ${port}`)
})
