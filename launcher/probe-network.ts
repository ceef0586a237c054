/** What this host can bind, and reach. */
import { lookup } from 'node:dns/promises'
import { connect, createServer, isIP, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect as connectTls } from 'node:tls'
import type { Endpoint, SourceAddress } from '../core/scenario/model.ts'
import type { BoundAddress, Question, ReachedTarget } from '../core/wire/probe.ts'

/** Targets that are connected to at a time. */
const atOnce = 16

/** Of a range its lowest and highest address. */
export async function bindAddresses(
  addresses: readonly SourceAddress[],
): Promise<readonly BoundAddress[]> {
  const found: BoundAddress[] = []
  for (const each of addresses) {
    const scanned = each.type === 'scan' ? interfaceAddresses(each.interface) : []
    if (each.type === 'scan' && scanned.length === 0) {
      found.push({ address: each.interface, error: 'ENODEV' })
    }
    for (const address of each.type === 'scan' ? scanned : literals(each)) {
      found.push({ address, error: await bindError(address) })
    }
  }
  return found
}

function literals(each: Exclude<SourceAddress, { readonly type: 'scan' }>): readonly string[] {
  if (each.type === 'ip') return [each.value]
  const end = (side: 0 | 1): string => each.parts.map((part) => part[side]).join('.')
  return [...new Set([end(0), end(1)])]
}

function interfaceAddresses(name: string): readonly string[] {
  return (networkInterfaces()[name] ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address)
}

/** The system's code; null when a socket can have the address. */
function bindError(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'))
    server.listen(0, address, () => server.close(() => resolve(null)))
  })
}

type Targets = Extract<Question, { readonly type: 'targets' }>

export async function reachTargets(question: Targets): Promise<readonly ReachedTarget[]> {
  const reached: ReachedTarget[] = []
  for (let from = 0; from < question.servers.length; from += atOnce) {
    const some = question.servers.slice(from, from + atOnce)
    reached.push(...(await Promise.all(some.map((server) => reach(server, question)))))
  }
  return reached
}

const nothing = { address: null, from: null, connectMs: null, tlsMs: null, code: null, text: '' }

async function reach(server: Endpoint, question: Targets): Promise<ReachedTarget> {
  const { host, port, transport } = server
  const family = transport.endsWith('6') ? 6 : 4
  let address = host
  if (isIP(host) === 0) {
    try {
      address = (await lookup(host, { family })).address
    } catch (error) {
      const { code = 'unknown', message } = error as NodeJS.ErrnoException
      return { ...nothing, host, port, code, text: message }
    }
  }
  // A datagram is answered or not, as the target likes: nothing is to be learnt from it.
  if (transport.startsWith('udp')) return { ...nothing, host, port, address }
  return connected(server, address, question)
}

function connected(
  { host, port, transport }: Endpoint,
  address: string,
  { timeoutMs, verify }: Targets,
): Promise<ReachedTarget> {
  const isTls = /^ssl|_ssl$/.test(transport)
  const startMs = performance.now()
  const socket = connect({ host: address, port, autoSelectFamily: false })
  let secured: Socket = socket
  let from: string | null = null
  let connectMs: number | null = null
  return new Promise((resolve) => {
    const end = (tlsMs: number | null, code: string | null, text: string): void => {
      clearTimeout(timer)
      secured.destroy()
      socket.destroy()
      resolve({ host, port, address, from, connectMs, tlsMs, code, text })
    }
    const fail = ({ code, message }: NodeJS.ErrnoException): void =>
      end(null, code ?? 'unknown', message)
    const timer = setTimeout(() => end(null, 'ETIMEDOUT', `nothing in ${timeoutMs} ms`), timeoutMs)
    socket.on('error', fail)
    socket.once('connect', () => {
      connectMs = performance.now() - startMs
      from = socket.localAddress ?? null
      if (!isTls) {
        end(null, null, '')
        return
      }
      const tlsStartMs = performance.now()
      const servername = isIP(host) === 0 ? host : ''
      secured = connectTls({ socket, servername, rejectUnauthorized: verify }, () =>
        end(performance.now() - tlsStartMs, null, ''),
      )
      secured.on('error', fail)
      secured.once('close', () => fail(new Error('closed during the TLS handshake')))
    })
  })
}
