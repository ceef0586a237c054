import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { batchHosts, withBatchHosts, withKnownBatchHosts } from '../../controller/batch-hosts.ts'
import { scenarioOf } from '../support/scenario.ts'

describe('hosts of a batch scheduler', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-batch-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function nodeFile(text: string): string {
    const path = join(folder, 'nodes')
    writeFileSync(path, text)
    return path
  }

  for (const [scheduler, variable] of [
    ['torque', 'PBS_NODEFILE'],
    ['pbs', 'PBS_NODEFILE'],
    ['oar', 'OAR_NODEFILE'],
  ] as const) {
    it(`${scheduler} names a file, one line a launcher`, () => {
      const environment = { [variable]: nodeFile('n1.farm.net\nn1.farm.net\nn2\n') }
      assert.deepEqual(batchHosts(scheduler, environment, 'control'), ['n1', 'n1', 'n2'])
    })
  }

  it('lsf gives the list itself', () => {
    assert.deepEqual(batchHosts('lsf', { LSB_HOSTS: 'n1 n2.farm n1' }, 'control'), [
      'n1',
      'n2',
      'n1',
    ])
  })

  it('leaves this machine out unless it is the only one', () => {
    assert.deepEqual(batchHosts('lsf', { LSB_HOSTS: 'n1 n2' }, 'n1.farm.net'), ['n2'])
    assert.deepEqual(batchHosts('lsf', { LSB_HOSTS: 'n1 n1' }, 'n1'), ['n1', 'n1'])
  })

  it('says what is missing', () => {
    assert.throws(() => batchHosts('torque', {}, 'x'), /PBS_NODEFILE is not set: does torque run/)
    assert.throws(
      () => batchHosts('oar', { OAR_NODEFILE: '/no/such' }, 'x'),
      /OAR_NODEFILE: ENOENT/,
    )
    assert.throws(() => batchHosts('pbs', { PBS_NODEFILE: nodeFile('\n') }, 'x'), /no host/)
  })

  it('become clients in the place of the one that asked for them', () => {
    const base = scenarioOf([{ actions: [] }], { port: 1 })
    const client = {
      ...base.clients[0]!,
      type: 'batch',
      batch: 'lsf',
      host: '',
      weight: 3,
    } as const
    const scenario = { ...base, clients: [base.clients[0]!, client] }
    const { clients } = withBatchHosts(scenario, { LSB_HOSTS: 'n1 n2' })
    assert.deepEqual(
      clients.map(({ type, host, weight, cpu }) => [type, host, weight, cpu]),
      [
        ['machine', base.clients[0]!.host, 1, 1],
        ['machine', 'n1', 3, 1],
        ['machine', 'n2', 3, 1],
      ],
    )
  })

  for (const [scheduler, variable] of [
    ['torque', 'PBS_NODEFILE'],
    ['pbs', 'PBS_NODEFILE'],
    ['oar', 'OAR_NODEFILE'],
    ['lsf', 'LSB_HOSTS'],
  ] as const) {
    it(`a plan outside a job of ${scheduler} says that ${variable} would be read`, () => {
      const base = scenarioOf([{ actions: [] }], { port: 1 })
      const client = { ...base.clients[0]!, type: 'batch', batch: scheduler, host: '' } as const
      const { scenario, notes } = withKnownBatchHosts({ ...base, clients: [client] }, {})
      assert.deepEqual(scenario.clients, [{ ...client, cpu: 1 }])
      assert.equal(notes.length, 1)
      assert.match(notes[0]!, new RegExp(`batch="${scheduler}".*a run .*${variable}`))
    })

    it(`a plan in a job of ${scheduler} has its hosts`, () => {
      const base = scenarioOf([{ actions: [] }], { port: 1 })
      const client = { ...base.clients[0]!, type: 'batch', batch: scheduler, host: '' } as const
      const value = scheduler === 'lsf' ? 'n1 n2' : nodeFile('n1\nn2\n')
      const known = withKnownBatchHosts({ ...base, clients: [client] }, { [variable]: value })
      assert.deepEqual(known.notes, [])
      assert.deepEqual(
        known.scenario.clients.map(({ host }) => host),
        ['n1', 'n2'],
      )
    })
  }
})
