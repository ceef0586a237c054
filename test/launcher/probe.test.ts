/** What an agent finds out about its host, asked here: real sockets, real processes, this machine. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { selfSigned } from '../../controller/echo/certificate.ts'
import type { Endpoint } from '../../core/scenario/model.ts'
import { type Answer, type AnswerTo, maxTransfer, type Question } from '../../core/wire/probe.ts'
import { answerTo } from '../../launcher/probe.ts'
import { eventually } from '../support/tsts-process.ts'

async function ask<const Asked extends Question>(
  question: Asked,
  folder = '/nowhere',
): Promise<AnswerTo<Asked['type']>> {
  const answer: Answer = await answerTo(question, folder)
  assert.equal(answer.type, question.type, JSON.stringify(answer))
  return answer as AnswerTo<Asked['type']>
}

describe('a probe of this host', function () {
  this.timeout(60_000)
  const servers: Server[] = []
  const sockets: Socket[] = []

  async function listening(server: Server): Promise<number> {
    servers.push(server)
    server.on('connection', (socket: Socket) => sockets.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  after(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers) server.close()
  })

  it('tells the time', async () => {
    const { epochMs, monotonicMs } = await ask({ type: 'clock' })
    assert.ok(Math.abs(epochMs - Date.now()) < 5000)
    assert.ok(Math.abs(monotonicMs - Number(process.hrtime.bigint()) / 1e6) < 5000)
  })

  it('tells who it is and what it may have', async () => {
    const system = await ask({ type: 'system' })
    assert.equal(system.isRoot, process.getuid?.() === 0)
    assert.ok(system.hardDescriptors >= system.softDescriptors && system.softDescriptors > 0)
    assert.ok(system.memoryAvailableBytes > 1e6)
    assert.ok(system.somaxconn > 0 && system.fileMax > 0 && system.nrOpen > 0)
    const loopback = system.interfaces.find(({ address }) => address === '127.0.0.1')
    assert.deepEqual(loopback, { name: 'lo', address: '127.0.0.1', prefix: 8, isLoopback: true })
  })

  it('keeps its cores busy and tells what they got', async () => {
    const { busy, cores, ...shares } = await ask({ type: 'cpu', spinMs: 100 })
    assert.ok(busy >= 1 && busy <= Math.max(1, cores))
    assert.ok(shares.granted > 0)
    for (const name of ['stealIdle', 'stealBusy', 'usedIdle', 'granted'] as const) {
      assert.ok(shares[name] >= 0 && shares[name] <= 1, `${name}: ${shares[name]}`)
    }
  })

  it('binds addresses: each, both ends of a range, all of an interface', async () => {
    const { addresses } = await ask({
      type: 'addresses',
      addresses: [
        { type: 'ip', value: '127.0.0.7' },
        { type: 'ip', value: '203.0.113.1' },
        {
          type: 'range',
          parts: [
            [127, 127],
            [0, 0],
            [0, 1],
            [2, 9],
          ],
        },
        { type: 'scan', interface: 'lo' },
        { type: 'scan', interface: 'nothing0' },
      ],
    })
    assert.deepEqual(addresses, [
      { address: '127.0.0.7', error: null },
      { address: '203.0.113.1', error: 'EADDRNOTAVAIL' },
      { address: '127.0.0.2', error: null },
      { address: '127.0.1.9', error: null },
      { address: '127.0.0.1', error: null },
      { address: 'nothing0', error: 'ENODEV' },
    ])
  })

  describe('reaches targets', () => {
    let endpoints: { readonly [name: string]: Endpoint }
    before(async () => {
      const closed = createServer()
      const refused = await listening(closed)
      await new Promise((resolve) => closed.close(resolve))
      const at = (
        port: number,
        transport: Endpoint['transport'],
        host = '127.0.0.1',
      ): Endpoint => ({
        host,
        port,
        transport,
      })
      const plain = await listening(createServer())
      endpoints = {
        plain: at(plain, 'tcp'),
        named: at(plain, 'tcp', 'localhost'),
        silent: at(plain, 'ssl'),
        refused: at(refused, 'tcp'),
        secure: at(await listening(createTlsServer(selfSigned()) as Server), 'ssl'),
        unknown: at(80, 'tcp', 'no-such-host.invalid'),
        datagram: at(9, 'udp'),
      }
    })

    for (const [name, verify, code, isConnected, isSecure] of [
      ['plain', true, null, true, false],
      ['named', true, null, true, false],
      ['silent', false, 'ETIMEDOUT', true, false],
      ['refused', false, 'ECONNREFUSED', false, false],
      ['secure', false, null, true, true],
      ['secure', true, 'DEPTH_ZERO_SELF_SIGNED_CERT', true, false],
      ['datagram', false, null, false, false],
    ] as const) {
      it(`${name}, certificates ${verify ? '' : 'not '}verified: ${code ?? 'fine'}`, async () => {
        const servers = [endpoints[name]!]
        const { targets } = await ask({ type: 'targets', servers, timeoutMs: 3000, verify })
        const [reached] = targets
        assert.equal(reached!.code, code, reached!.text)
        assert.equal(reached!.connectMs !== null, isConnected)
        assert.equal(reached!.tlsMs !== null, isSecure)
        assert.equal(reached!.address, '127.0.0.1')
      })
    }

    it('a name that stands for nothing has no address', async () => {
      const servers = [endpoints['unknown']!]
      const { targets } = await ask({ type: 'targets', servers, timeoutMs: 3000, verify: false })
      assert.match(targets[0]!.code ?? '', /^(ENOTFOUND|EAI_AGAIN)$/)
      assert.equal(targets[0]!.address, null)
    })
  })

  it('counts the ports that are taken in a range', async () => {
    const port = await listening(createServer())
    const { taken, listening: open } = await ask({ type: 'ports', min: port, max: port })
    assert.equal(taken, 1)
    assert.deepEqual(open, [port])
  })

  it('takes and gives bytes, and no more than is agreed', async () => {
    const { characters } = await ask({ type: 'take', text: 'x'.repeat(1000) })
    assert.equal(characters, 1000)
    for (const [asked, given] of [
      [10_001, 10_001],
      [10 * maxTransfer, maxTransfer],
    ] as const) {
      const { text } = await ask({ type: 'give', characters: asked })
      assert.equal(text.length, given)
    }
  })

  it('refuses what it does not know', async () => {
    const answer = await answerTo({ type: 'weather' } as unknown as Question, '/nowhere')
    assert.equal(answer.type, 'refused')
  })

  describe('finds other runs', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsts-probe-'))
    let agent: ChildProcess
    before(async () => {
      const program = join(folder, 'launcher.mjs')
      writeFileSync(program, 'setTimeout(() => {}, 60_000); process.stdout.write("up")')
      agent = spawn(process.execPath, [program, 'agent', join(folder, 'run')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let up = false
      agent.stdout!.once('data', () => {
        up = true
      })
      await eventually(() => up)
    })
    after(() => {
      agent.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })

    for (const [what, own, isTold] of [
      ['of others', '/nowhere', true],
      ['not its own', join(folder, 'run'), false],
    ] as const) {
      it(what, async () => {
        const { runs } = await ask({ type: 'runs' }, own)
        const told = runs.filter(({ pid }) => pid === agent.pid)
        const wanted = isTold ? [{ pid: agent.pid, folder: join(folder, 'run') }] : []
        assert.deepEqual(told, wanted)
      })
    }
  })
})
