/** HTTP/2 with nginx, which ends connections after so many requests (GOAWAY). */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { selfSigned } from '../../controller/echo/certificate.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { scenarioOf } from '../scenario/build.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'

const requestsAConnection = 25
const users = 10
const requests = 30

describe('HTTP/2 with nginx', function () {
  this.timeout(60_000)
  let home: string
  let child: ChildProcess
  let tcp: number
  let tls: number

  before(async function () {
    const nginx = requirePeer(this, 'nginx', 'nginx-light')
    requirePeer(this, 'openssl', 'openssl')
    home = mkdtempSync(join(tmpdir(), 'tsts-nginx-'))
    tcp = await freePort()
    tls = await freePort()
    const { key, cert } = selfSigned()
    writeFileSync(join(home, 'key.pem'), key)
    writeFileSync(join(home, 'cert.pem'), cert)
    writeFileSync(join(home, 'nginx.conf'), configuration())
    child = spawn(nginx, ['-c', join(home, 'nginx.conf'), '-p', home, '-e', 'stderr'], {
      stdio: 'ignore',
    })
    await listening(tcp)
  })

  after(async () => {
    if (child !== undefined && child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    if (home !== undefined) rmSync(home, { recursive: true })
  })

  function configuration(): string {
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${home}/${name};`)
      .join(' ')
    return `daemon off; master_process off; pid ${home}/pid;
events {}
http {
  access_log off; ${paths} client_max_body_size 4m; keepalive_requests ${requestsAConnection};
  server {
    listen 127.0.0.1:${tcp} http2;
    listen 127.0.0.1:${tls} ssl http2;
    ssl_certificate ${home}/cert.pem; ssl_certificate_key ${home}/key.pem;
    location /gzip { gzip on; gzip_min_length 1; gzip_types *; default_type text/plain; return 200 '${'token=a7 '.repeat(100)}'; }
    location /empty { return 204; }
    location / { default_type text/plain; return 200 'hello'; }
  }
}
`
  }

  function play(port: number, type: string, shared: number): Promise<Played> {
    const option = (name: string, value: string | number): string =>
      `<option type="ts_http" name="${name}" value="${value}"/>`
    const scenario = scenarioOf({
      servers: `<server host="127.0.0.1" port="${port}" type="${type}"/>`,
      options: option('http_version', 2) + option('http2_users_per_connection', shared),
      session: `<for var="i" from="1" to="${requests / 3}">
        <request><match do="continue" when="match" name="m">token=a7</match><http url="/gzip"><http_header name="Accept-Encoding" value="gzip"/></http></request>
        <request><http url="/empty"/></request>
        <request><http url="/post" method="POST" contents="${'x'.repeat(20_000)}"/></request></for>`,
    })
    return playUsers(scenario, { plugins: { ts_http: http as AnyPlugin }, users })
  }

  for (const type of ['tcp', 'ssl'] as const) {
    for (const shared of [1, 4, users]) {
      it(`over ${type}, ${shared} users a connection: no request is lost when it ends connections`, async () => {
        const { counters, gauges, taken } = await play(type === 'tcp' ? tcp : tls, type, shared)
        const errors = Object.keys(counters).filter((name) => name.startsWith('error'))
        assert.deepEqual(errors, [])
        assert.deepEqual(
          pick(counters, 'tsts_acknowledged', 'tsts_failed', '200', '204', 'match'),
          {
            tsts_acknowledged: users * requests,
            tsts_failed: 0,
            200: (users * requests * 2) / 3,
            204: (users * requests) / 3,
            match: (users * requests) / 3,
          },
        )
        assert.ok(taken['connect']! >= (users * requests) / (requestsAConnection + 1) - 1)
        assert.equal(gauges.connected, 0)
        assert.ok(gauges.connectedMax >= Math.ceil(users / shared))
      })
    }
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return (address as { readonly port: number }).port
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const there = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (there) return
    await sleep(50)
  }
  throw new Error('nginx does not listen')
}
