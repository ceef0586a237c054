/** A kv server to try the plugin on: node server.mjs [port]. Every password but `wrong` will do. */
import { createServer } from 'node:net'

/** How long after its PUT a value is pushed to those who watch its key. */
const pushDelayMs = 50

const values = new Map()
const watchers = new Map()

const server = createServer((socket) => {
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const sockets of watchers.values()) sockets.delete(socket)
  })
  socket.on('data', (text) => {
    rest += text
    for (;;) {
      const end = rest.indexOf('\n')
      if (end < 0) return
      const [command, name, size = '0'] = rest.slice(0, end).split(' ')
      const to = end + 1 + (command === 'PUT' ? Number(size) : 0)
      if (rest.length < to) return
      socket.write(answer(socket, command, name, size, rest.slice(end + 1, to)), 'latin1')
      rest = rest.slice(to)
    }
  })
})

function answer(socket, command, name, word, value) {
  switch (command) {
    case 'LOGIN':
      return word === 'wrong' ? 'NO wrong password\n' : 'OK\n'
    case 'GET':
      return values.has(name) ? `DATA ${values.get(name).length}\n${values.get(name)}` : 'NONE\n'
    case 'PUT':
      values.set(name, value)
      setTimeout(() => push(name, value), pushDelayMs)
      return 'OK\n'
    case 'WATCH':
      watchers.set(name, (watchers.get(name) ?? new Set()).add(socket))
      return 'OK\n'
    default:
      return 'NO what\n'
  }
}

function push(name, value) {
  for (const socket of watchers.get(name) ?? []) {
    socket.write(`PUSH ${name} ${value.length}\n${value}`, 'latin1')
  }
}

server.listen(Number(process.argv[2] ?? 7070), '127.0.0.1', () => {
  console.log(`kv listens on port ${server.address().port}`)
})
