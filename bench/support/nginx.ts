/** The target of every comparison: an nginx of our own on 127.0.0.1. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { selfSigned } from '../../controller/echo/certificate.ts'
import { cpuMsOf, start } from './processes.ts'

export interface Nginx {
  readonly port: number
  /** 0 without `tls`. */
  readonly tlsPort: number
  /** CPU of all its processes so far, in ms. */
  cpuMs(): number
  stop(): Promise<void>
}

export interface NginxOptions {
  /** Null: where the system puts it. */
  readonly core: number | null
  /** Each holds up to 19,000 connections, over which the kernel spreads them. */
  readonly workers?: number
  /** Serves the same on another port by TLS with a new P-256 certificate, full handshakes only. */
  readonly tls?: boolean
}

/** What can be asked for. */
export const paths = {
  /** 13 bytes of text. */
  hello: '/',
  /** 1 KB of HTML with a token in it. */
  page: '/page',
  /** The same, and a 403 unless it is asked with what the page or the JSON says. */
  checked: '/checked',
  /** 1 KB of JSON with a list of items. */
  json: '/json',
  /** 16 KB; a body is read and forgotten. */
  big: '/big',
} as const

const page = `<html><body><form><input type="hidden" name="token" value="a7d3c9">${'<p>lorem ipsum dolor sit amet</p>'.repeat(28)}</form></body></html>`
const items = Array.from({ length: 16 }, (_, at) => ({
  id: 1000 + at,
  name: `item ${at}`,
  price: 9.5,
  tags: ['a'],
}))
const json = JSON.stringify({ items, cart: { id: 'c81f', total: 152 } })
/** Another one each run, so that its addresses have no closed connections of an earlier one. */
const firstPort = 18_000 + (process.pid % 5000) * 2
const connectionsAWorker = 19_000
/** nginx takes no longer word in its configuration than 4 KB. */
const kilobyte = 'x'.repeat(1024)

/** @throws when nginx is not installed (`apt-get install nginx-light`), does not start or does not listen */
export async function startNginx(folder: string, options: NginxOptions): Promise<Nginx> {
  const { core, workers = 1, tls = false } = options
  const home = mkdtempSync(join(folder, 'nginx-'))
  const port = await freePort(firstPort)
  const tlsPort = tls ? await freePort(port + 1) : 0
  const file = join(home, 'nginx.conf')
  writeFileSync(file, configuration(home, port, workers, tls ? certificate(home, tlsPort) : ''))
  const child = start(core, ['nginx', '-c', file, '-p', home, '-e', 'stderr'])
  let complaint = ''
  child.stderr!.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(complaint))
  })
  const why = await Promise.race([gone, answers(port, home)])
  if (why !== null) {
    child.kill('SIGKILL')
    throw new Error(`nginx cannot be used (apt-get install nginx-light): ${why.trim()}`)
  }
  const pid = child.pid!
  return {
    port,
    tlsPort,
    cpuMs: () => [pid, ...workersOf(pid)].reduce((sum, each) => sum + cpuMsOf(each), 0),
    stop: async () => {
      child.kill('SIGTERM')
      await gone
    },
  }
}

function configuration(home: string, port: number, workers: number, tls: string): string {
  // With one worker there is no master: nothing but the worker runs on the core.
  const processes = workers === 1 ? 'master_process off;' : ''
  const reuse = workers === 1 ? '' : ' reuseport'
  return `daemon off; ${processes} worker_processes ${workers}; pid ${home}/pid; error_log stderr crit;
events { worker_connections ${connectionsAWorker}; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; tcp_nodelay on;
  client_header_timeout 3600s; client_body_buffer_size 32k;
  client_body_temp_path ${home}/b; proxy_temp_path ${home}/p; fastcgi_temp_path ${home}/f;
  uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  server {
    listen 127.0.0.1:${port} backlog=16384${reuse};
    ${tls}
    set $k ${kilobyte};
    location ${paths.page} { default_type text/html; return 200 '${page}'; }
    location ${paths.checked} { default_type text/html; if ($args !~ "=(a7d3c9|c81f)$") { return 403; } return 200 '${page}'; }
    location ${paths.json} { default_type application/json; return 200 '${json}'; }
    location ${paths.big} { default_type text/plain; return 200 "${'$k'.repeat(16)}"; }
    location = /whose { return 200 '${home}'; }
    location / { default_type text/plain; return 200 "hello, world\n"; }
  }
}
`
}

/** Nothing is resumed, so that every client makes full handshakes. */
function certificate(home: string, port: number): string {
  const { key, cert } = selfSigned()
  writeFileSync(join(home, 'key.pem'), key, { mode: 0o600 })
  writeFileSync(join(home, 'cert.pem'), cert)
  return `listen 127.0.0.1:${port} ssl backlog=16384;
    ssl_certificate ${home}/cert.pem; ssl_certificate_key ${home}/key.pem;
    ssl_session_cache off; ssl_session_tickets off;`
}

function workersOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return children === '' ? [] : children.split(' ').map(Number)
  } catch {
    return [] // it ended
  }
}

/**
 * Asks until the right server answers: another one could have taken the port meanwhile.
 *
 * @returns null, or why not
 */
async function answers(port: number, home: string): Promise<string | null> {
  let why = ''
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      if ((await whose(port)) === home) return null
      why = `another server answers on port ${port}`
    } catch (error) {
      why = `nobody answers on port ${port}: ${(error as Error).message}`
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return why
}

/** From an address of its own: closed connections of an earlier load may have used up the ports of 127.0.0.1. */
function whose(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${port}/whose`
    const request = get(
      url,
      { localAddress: '127.0.3.1', agent: false, timeout: 2000 },
      (answer) => {
        let text = ''
        answer.on('data', (bytes: Buffer) => {
          text += bytes.toString()
        })
        answer.on('end', () => resolve(text))
        answer.on('error', reject)
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer in 2 s')))
    request.on('error', reject)
  })
}

/** The first that nobody listens on, below those that the system gives to clients. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 1000; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
  throw new Error(`no port from ${from} on is free`)
}
