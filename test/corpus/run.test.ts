import assert from 'node:assert/strict'
import { makePlan } from '../../core/plan/plan.ts'
import { corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'
import { faultsOf } from './play-files.ts'
import { openStandIn } from './stand-in.ts'

describe('each scenario of the corpus that Tsung accepts', () => {
  if (!hasCorpus()) return
  const accepted = corpusEntries()
    .filter(({ verdict }) => verdict.startsWith('accepts'))
    .map(({ file }) => ({ file, result: readFromCorpus(file) }))

  it('has a plan', () => {
    for (const { file, result } of accepted) {
      const { scenario } = result
      assert.ok(scenario, file)
      const facts = { cores: scenario.clients.map(() => 2) }
      const plan = makePlan(scenario, { seed: 'corpus', facts, arrivals: 'conditioned' })
      assert.ok(plan.launchers.length > 0, file)
    }
  })

  it('is played to its end, if its protocols are played and it has no Erlang of its own', async function () {
    this.timeout(600_000)
    const playable = accepted.filter(({ result }) => {
      // MQTT has its own servers: test/mqtt/corpus.test.ts.
      const isMqtt = result.scenario!.sessions.some(({ type }) => type === 'ts_mqtt')
      return !isMqtt && !result.diagnostics.some(({ severity }) => severity === 'unplayable')
    })
    const standIn = await openStandIn()
    try {
      const faults = await faultsOf(
        playable.map(({ file }) => file),
        standIn.port,
      )
      console.log(`      ${playable.length} of ${accepted.length} were run`)
      assert.deepEqual(faults, [])
    } finally {
      await standIn.close()
    }
  })
})
