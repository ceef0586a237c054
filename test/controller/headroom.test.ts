import assert from 'node:assert/strict'
import { headroomWarnings } from '../../controller/headroom.ts'
import type { KnownLimits } from '../../controller/host-needs.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { client, type LoadParts, phase, request, scenarioWith, think } from '../plan/scenarios.ts'

const plenty: KnownLimits = {
  addresses: ['127.0.0.1', '10.0.0.7', '10.0.0.8', 'fe80::1'],
  descriptorLimit: 1_000_000,
  portRange: [32_768, 60_999],
  tcpTwReuse: 0,
  memoryBytes: 64 * 1024 ** 3,
}
/** A thousand users a second for a minute, each gone at once. */
const busy: LoadParts = {
  phases: [phase({ intensityPerMs: 1, durationMs: 60_000 })],
  sessions: [{ actions: [request()] }],
}
/** 12,000 users that stay. */
const crowded: LoadParts = {
  phases: [phase({ intensityPerMs: 1, durationMs: 12_000 })],
  sessions: [{ actions: [request(), think({ type: 'constant', ms: 600_000 })] }],
}

function warningsOf(
  scenario: Scenario,
  known: readonly (KnownLimits | null)[],
  ofClient: readonly number[] = scenario.clients.map(() => 0),
): readonly string[] {
  const plan = makePlan(scenario, { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' })
  return headroomWarnings(scenario, plan, ofClient, known)
}

function at(host: string, parts: LoadParts): Scenario {
  const scenario = scenarioWith(parts)
  return { ...scenario, servers: [{ ...scenario.servers[0]!, host }] }
}

describe('headroom of the hosts', () => {
  it('says nothing where there is enough, or nothing is known', () => {
    assert.deepEqual(warningsOf(at('www', busy), [null]), [])
    assert.deepEqual(warningsOf(at('www', { phases: [phase()] }), [plenty]), [])
  })

  it('names ports with their number, TIME_WAIT included, and what helps', () => {
    assert.deepEqual(warningsOf(at('www', busy), [plenty]), [
      'localhost will run short: 60,000 ports are needed at once (those in TIME_WAIT for 60 s included) ' +
        'and there are 28,232 (32768-60999 for each source address and server): give <client> more <ip> or ' +
        'an <iprange>, widen net.ipv4.ip_local_port_range, or set net.ipv4.tcp_tw_reuse=1',
    ])
  })

  for (const [what, target, limits] of [
    ['the range of the host is wide', 'www', { portRange: [1024, 65_535] }],
    ['TIME_WAIT is used again', 'www', { tcpTwReuse: 1 }],
    ['TIME_WAIT is used again on loopback', '127.0.0.1', { tcpTwReuse: 2 }],
  ] as const) {
    it(`has ports enough when ${what}`, () => {
      assert.deepEqual(warningsOf(at(target, busy), [{ ...plenty, ...limits }]), [])
    })
  }

  it('counts each address of an interface that is scanned, and those of two clients once', () => {
    const scan = client({ addresses: [{ type: 'scan', interface: 'eth0' }] })
    const two = at('www', { ...busy, phases: [phase({ intensityPerMs: 1, durationMs: 50_000 })] })
    assert.deepEqual(warningsOf({ ...two, clients: [scan] }, [plenty]), [])
    const [told] = warningsOf({ ...two, clients: [client(), client()] }, [plenty])
    assert.match(told ?? '', /50,000 ports .* there are 28,232 /)
  })

  it('names the option where it is what bounds', () => {
    const scenario = at('www', busy)
    const options = { ...scenario.options, portsRange: { min: 1000, max: 1999 } }
    const [told] = warningsOf({ ...scenario, options }, [plenty])
    assert.match(told ?? '', /there are 1,000 \(1000-1999 .* widen the option ports_range/)
  })

  it('names descriptors for each launcher, and the maxusers that would do', () => {
    const scenario = at('www', { ...crowded, clients: [client({ maxUsers: 30_000 })] })
    const [told] = warningsOf(scenario, [{ ...plenty, descriptorLimit: 1024 }])
    assert.match(told ?? '', /a launcher needs 12,0\d\d descriptors and may have 1,024/)
    assert.match(told ?? '', /\(ulimit -Hn\).*\(cpu\).*maxusers to 984 at most$/)
    const less = { ...scenario, clients: [client({ maxUsers: 900 })] }
    assert.deepEqual(warningsOf(less, [{ ...plenty, descriptorLimit: 1024 }]), [])
  })

  it('names memory', () => {
    const scenario = at('www', { ...crowded, clients: [client({ maxUsers: 30_000 })] })
    const [told] = warningsOf(scenario, [{ ...plenty, memoryBytes: 100_000_000 }])
    assert.match(told ?? '', /165 MB of memory are needed .* there are 100 MB: add hosts/)
  })

  it('says one line a host, each with its own numbers', () => {
    const clients = [client({ host: 'a' }), client({ host: 'b' }), client({ host: 'a' })]
    const scenario = at('www', { ...busy, clients })
    const small = { ...plenty, portRange: [1, 100] as const }
    const told = warningsOf(scenario, [small, { ...small, portRange: [1, 200] }], [0, 1, 0])
    assert.equal(told.length, 2)
    assert.match(told[0]!, /^a will run short: 40,000 ports .* there are 100 /)
    assert.match(told[1]!, /^b will run short: 20,000 ports .* there are 200 /)
  })
})
