// What a load of MQTT costs with npm's client: `node mqtt-peer.mjs publish|connect|hold PORT CLIENTS SECONDS QOS`.
// Prints `count=N seconds=S`; `hold` prints nothing, and fails when a client is closed.
import { once } from 'node:events'
import { connect } from 'node:net'
import mqtt from 'mqtt'

const [, , what, port, clients, seconds, qos] = process.argv
const users = Number(clients)
// The client writes its id into what it is given.
const options = {
  ...{ host: '127.0.0.1', port: Number(port), protocolVersion: 3, protocolId: 'MQIsdp' },
  ...{ reconnectPeriod: 0, keepalive: 600, connectTimeout: 60_000 },
}
const payload = 'x'.repeat(64)
let count = 0

async function publishing() {
  const client = await mqtt.connectAsync({ ...options })
  while (true) {
    // With QoS 0 it is done when the socket has taken it.
    await client.publishAsync('bench', payload, { qos: Number(qos) })
    count++
  }
}

async function connecting() {
  while (true) {
    const client = await mqtt.connectAsync({ ...options })
    count++
    await client.endAsync()
  }
}

/** From an address of its own: of 127.0.0.1 the system does not choose ports that other programs have bound elsewhere. */
async function opened() {
  const stream = () => connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.2' })
  const client = new mqtt.MqttClient(stream, { ...options })
  client.on('close', () => {
    console.error('a client was closed')
    process.exit(1)
  })
  await once(client, 'connect')
  return client
}

async function hold() {
  const clients = []
  for (let at = 0; at < users; at += 50) {
    const some = Array.from({ length: Math.min(50, users - at) }, opened)
    for (const client of await Promise.all(some)) {
      await client.subscribeAsync('bench/idle', { qos: 1 })
      clients.push(client)
    }
  }
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000))
  // So that their ports are free at once: closed ones would be kept for a minute.
  for (const client of clients) client.stream.resetAndDestroy()
  process.exit(0)
}

if (what === 'hold') await hold()
else {
  const startedMs = performance.now()
  setTimeout(() => {
    console.log(`count=${count} seconds=${(performance.now() - startedMs) / 1000}`)
    process.exit(0)
  }, Number(seconds) * 1000)
  const one = what === 'publish' ? publishing : connecting
  await Promise.all(Array.from({ length: users }, one))
}
