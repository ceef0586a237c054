import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { judgeAddresses, judgeLink, judgeTargets } from '../../controller/doctor/judge-network.ts'
import type { SourceAddress } from '../../core/scenario/model.ts'
import type { ReachedTarget } from '../../core/wire/probe.ts'
import { here, place, system } from './host.ts'

describe('the network of a host', () => {
  const range: SourceAddress = {
    type: 'range',
    parts: [
      [10, 10],
      [0, 0],
      [5, 6],
      [1, 9],
    ],
  }
  for (const [what, declared, address, remedy] of [
    [
      'one in its network',
      { type: 'ip', value: '10.0.5.1' },
      '10.0.5.1',
      'ssh load1 "sudo ip address replace 10.0.5.1/20 dev ens5"',
    ],
    [
      'one in none',
      { type: 'ip', value: '192.0.2.1' },
      '192.0.2.1',
      'ssh load1 "sudo ip address replace 192.0.2.1/32 dev ens5"',
    ],
    ['an interface', { type: 'scan', interface: 'eth9' }, 'eth9', 'ssh load1 "ip -brief address"'],
  ] as const) {
    it(`an address that is not there: ${what}`, () => {
      const error = declared.type === 'scan' ? 'ENODEV' : 'EADDRNOTAVAIL'
      const [found] = judgeAddresses(place, system, [declared], [{ address, error }])
      assert.deepEqual([found!.status, found!.remedy], ['fault', remedy])
    })
  }

  it('a range that is not there is one finding, and its loop adds every address', () => {
    const bound = ['10.0.5.1', '10.0.6.9'].map((address) => ({ address, error: 'EADDRNOTAVAIL' }))
    const findings = judgeAddresses({ ...here }, system, [range], bound)
    assert.equal(findings.length, 1)
    const script = `ip() { echo "$3"; }\n${findings[0]!.remedy}`
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    const wanted = [5, 6].flatMap((c) =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `10.0.${c}.${d}/20`),
    )
    assert.deepEqual(stdout.trim().split('\n'), wanted)
  })

  const reached: ReachedTarget = {
    host: 'www',
    port: 443,
    address: '192.0.2.9',
    from: null,
    connectMs: 1.5,
    tlsMs: 3,
    code: null,
    text: '',
  }
  for (const [what, target, status, text] of [
    [
      'reached',
      {},
      'ok',
      /^www:443 \(192\.0\.2\.9\) answers after 1\.50 ms, TLS after 3\.00 ms more$/,
    ],
    ['unknown', { address: null, connectMs: null, code: 'ENOTFOUND' }, 'fault', /getent hosts www/],
    [
      'closed',
      { connectMs: null, code: 'ECONNREFUSED' },
      'fault',
      /on www: ss -ltn 'sport = :443'/,
    ],
    [
      'behind a wall',
      { connectMs: null, code: 'ETIMEDOUT' },
      'fault',
      /nft insert rule .* 10\.0\.4\.7 tcp dport 443/,
    ],
    ['without TLS', { tlsMs: null, code: 'EPROTO' }, 'fault', /TLS fails.*openssl s_client/],
    ['for datagrams', { connectMs: null, tlsMs: null }, 'ok', /datagrams/],
  ] as const) {
    it(`a target that is ${what}: ${status}`, () => {
      const [found] = judgeTargets(place, system, [{ ...reached, ...target }])
      assert.equal(found!.status, status)
      assert.match(`${found!.text} ${found!.remedy ?? ''}`.trim(), text)
    })
  }

  it('of many targets all that are not reached are told, and some of the others', () => {
    const targets = Array.from({ length: 30 }, (_, at) => ({ ...reached, port: at }))
    const walled = { ...reached, port: 99, connectMs: null, code: 'ETIMEDOUT' }
    const findings = judgeTargets(place, system, [...targets, walled])
    assert.equal(findings[0]!.status, 'fault')
    assert.equal(findings.at(-1)!.text, '22 more are reached')
  })

  for (const [fromHost, intervalMs, status, remedy] of [
    [200_000, 1000, 'ok', null],
    [130_000, 1000, 'warning', 'tsts doctor x.xml --interval 10000'],
    [130_000, 10_000, 'ok', null],
    [10_000, 1000, 'warning', 'fewer launchers there: a lower cpu in its <client>'],
  ] as const) {
    it(`a link of ${fromHost} B/s for two launchers every ${intervalMs} ms: ${status}`, () => {
      const link = { roundTripMs: 1, toHost: 1e6, fromHost }
      const found = judgeLink(link, 2, intervalMs, 'tsts doctor x.xml')
      assert.deepEqual([found.status, found.remedy], [status, remedy])
    })
  }
})
