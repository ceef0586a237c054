// npm's `ws` as a load generator. Arguments: port, clients, seconds, bytes of a message (0: they are idle), arrivals a second.
// Each client says something and, once it is said back, again; prints `answers=N rate=N clients=N`.
import { WebSocket } from 'ws'

const [port, clients, seconds, bytes, arrivals] = process.argv.slice(2).map(Number)
const payload = 'x'.repeat(bytes)
let answers = 0
let opened = 0
let isOver = false

// From an address of its own: of 127.0.0.1 the system does not choose ports that other programs have bound elsewhere.
const options = { perMessageDeflate: false, localAddress: '127.0.0.2' }

function open() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, options)
  socket.on('open', () => {
    opened++
    if (bytes > 0) socket.send(payload)
  })
  socket.on('message', () => {
    answers++
    if (!isOver) socket.send(payload)
  })
  socket.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
}

if (arrivals > 0) {
  let started = 0
  const every = setInterval(() => {
    for (let at = 0; at < arrivals / 20 && started < clients; at++, started++) open()
    if (started >= clients) clearInterval(every)
  }, 50)
} else for (let at = 0; at < clients; at++) open()

setTimeout(() => {
  isOver = true
  console.log(`answers=${answers} rate=${answers / seconds} clients=${opened}`)
  process.exit(0)
}, seconds * 1000)
