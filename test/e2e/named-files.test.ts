import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { selfSigned } from '../../controller/echo/certificate.ts'
import { requirePeer } from '../support/peers.ts'
import { RunCase } from '../support/run-case.ts'
import { SshSandbox } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'

const users = ['ann', 'béa'] as const

describe('certificates that users name, on another host', function () {
  this.timeout(90_000)
  let sandbox: SshSandbox
  let run: RunCase
  let server: Server
  /** Fingerprints of the certificates that clients showed. */
  let shown: Set<string>

  before(async function () {
    requirePeer(this, 'openssl', 'openssl')
    sandbox = SshSandbox.open(this)
    const { address, port } = await sandbox.start('127.0.0.2')
    sandbox.know(address, port)
    mkdirSync(join(sandbox.folder, '.ssh'))
    const host = `Host load1\n  HostName ${address}\n  Port ${port}\n`
    writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(host))
  })
  after(() => sandbox?.close())
  beforeEach(async () => {
    run = await RunCase.open()
    shown = new Set()
    const options = { ...selfSigned(), requestCert: true, rejectUnauthorized: false }
    server = createServer(options, (socket: TLSSocket) => {
      const { fingerprint256 } = socket.getPeerCertificate()
      if (fingerprint256 !== undefined) shown.add(fingerprint256)
      socket.on('error', () => undefined)
      socket.on('data', () => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    run.close()
    server.close()
  })

  it('are brought there: the launcher needs none of ours', async () => {
    const certs = join(run.folder, 'certs')
    mkdirSync(certs)
    const made = users.map((user) => {
      const { cert, key } = selfSigned()
      writeFileSync(join(certs, `${user}.pem`), cert)
      writeFileSync(join(certs, `${user}.key`), key)
      return new X509Certificate(cert).fingerprint256
    })
    writeFileSync(join(run.folder, 'names.csv'), `${users.join('\n')}\n`)
    const file = join(run.folder, 'certs.xml')
    writeFileSync(file, scenario((server.address() as AddressInfo).port))
    const args = ['run', file, '-l', run.logDir, '--no-live', '-w', '4']
    const tsts = new TstsProcess(args, { env: { HOME: sandbox.folder } })
    await tsts.said(/users on 1 launcher/)
    // The host of the test sees our files: they go before anybody plays.
    rmSync(certs, { recursive: true })
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    const { requests, errors } = run.summary
    assert.deepEqual(errors, [])
    assert.equal(requests.acknowledged, 4)
    assert.deepEqual(shown, new Set(made))
  })
})

function scenario(port: number): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="load1"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="ssl"/></servers>
  <load>
    <arrivalphase phase="1" duration="1" unit="second">
      <users maxnumber="4" arrivalrate="4" unit="second"/>
    </arrivalphase>
  </load>
  <options><option name="file_server" id="names" value="names.csv"/></options>
  <sessions>
    <session name="ask" probability="100" type="ts_http">
      <setdynvars sourcetype="file" fileid="names"><var name="who"/></setdynvars>
      <set_option name="certificate">
        <certificate certfile="certs/%%_who%%.pem" keyfile="certs/%%_who%%.key"/>
      </set_option>
      <request><http url="/" method="GET" version="1.1"/></request>
    </session>
  </sessions>
</tsung>
`
}
