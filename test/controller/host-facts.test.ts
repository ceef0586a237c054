import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import { headroomWarnings } from '../../controller/headroom.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { agentFacts } from '../../launcher/agent-facts.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import { client, phase, scenarioWith } from '../plan/scenarios.ts'
import { assignmentOf, fakeAgent, localTransport, Recording } from '../support/fake-fleet.ts'

describe('facts of hosts', function () {
  this.timeout(60_000)

  it('cpu="auto" is each host\'s own whole cores, at least one', async () => {
    const cores = [3.9, 0.5, 2]
    const transports = cores.map((each) => localTransport(fakeAgent({ facts: { cores: each } })))
    const listener = new Recording()
    const fleet = new Fleet(transports, listener, { deadlines: fleetDeadlines })
    try {
      const facts = await fleet.connect()
      assert.deepEqual(
        facts.map((each) => each?.cores),
        cores,
      )
      const clients = ['a', 'b', 'c'].map((host) => client({ host, cpu: 'auto' }))
      const scenario = { ...scenarioWith({ clients }), options: assignmentOf([1]).scenario.options }
      const known = { cores: facts.map((each) => each?.cores ?? 1) }
      const plan = makePlan(scenario, { seed: '1', facts: known, arrivals: 'conditioned' })
      assert.deepEqual(
        plan.launchers.map(({ host }) => host),
        ['a', 'a', 'a', 'b', 'c', 'c'],
      )
      const assignment = { ...assignmentOf([1]), scenario, plan }
      const hostOf = (each: LauncherPlan): number => each.client
      assert.equal(await fleet.prepare(assignment, hostOf), true, listener.told.join('\n'))
      fleet.start(0)
      await fleet.ended()
      const ended = listener.told.filter((line) => /^ended \d+ done/.test(line))
      assert.equal(ended.length, 6)
      assert.equal(listener.users, plan.users)
    } finally {
      await fleet.close()
    }
  })

  it('each host is judged by its own limits', async () => {
    const small = { portRange: [1000, 1099] as const, descriptorLimit: 60, memoryBytes: 1e12 }
    const large = { portRange: [1024, 65_535] as const, descriptorLimit: 1e6, memoryBytes: 1e12 }
    const transports = [small, large].map((facts) => localTransport(fakeAgent({ facts })))
    const fleet = new Fleet(transports, new Recording(), { deadlines: fleetDeadlines })
    try {
      const facts = await fleet.connect()
      const clients = ['small', 'large'].map((host) => client({ host }))
      const phases = [phase({ intensityPerMs: 1, durationMs: 10_000 })]
      const scenario = scenarioWith({ clients, phases })
      const plan = makePlan(scenario, { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' })
      const told = headroomWarnings(scenario, plan, [0, 1], facts)
      assert.equal(told.length, 1)
      assert.match(told[0]!, /^small will run short: 5,000 ports .* 100 .*; a launcher needs 9\d /)
    } finally {
      await fleet.close()
    }
  })

  it('are the real ones of this host', () => {
    const { cores, descriptorLimit, memoryBytes, portRange, addresses } = agentFacts()
    assert.ok(cores > 0 && memoryBytes > 0 && descriptorLimit >= 0)
    assert.ok(portRange[0] < portRange[1])
    assert.ok(addresses.includes('127.0.0.1'))
  })

  it("scan takes the addresses of the interface on the launcher's own host", function () {
    const own = Object.entries(networkInterfaces()).map(
      ([name, all]) =>
        [
          name,
          (all ?? []).filter(({ family }) => family === 'IPv4').map((each) => each.address),
        ] as const,
    )
    const found = own.find(([, addresses]) => addresses.length > 0)
    if (found === undefined) return this.skip()
    const [name, addresses] = found
    const sources = new SourceAddresses([{ type: 'scan', interface: name }], null, 1)
    const seen = addresses.map((_, at) => sources.addressOf(at + 1, Math.random))
    assert.deepEqual(new Set(seen), new Set(addresses))
  })
})
