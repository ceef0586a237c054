import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Output, OutputStream } from '../../controller/model.ts'
import { fullStats } from '../../controller/outputs/full-stats.ts'
import { keptAnswers } from '../../controller/outputs/kept-answers.ts'
import { matchLog, matchLogHeader } from '../../controller/outputs/match-log.ts'
import { protocolHeader, trafficDump } from '../../controller/outputs/traffic-dump.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { requirePath } from '../support/peers.ts'
import { headOf, newFolder, playRun } from './synthetic-run.ts'
import { tsungScript } from './tsung-script.ts'

type Said = readonly [stream: OutputStream, lines: readonly string[], launcher?: number]

interface Written {
  /** Content of each file, a byte string. */
  readonly files: { readonly [name: string]: string }
  readonly troubles: readonly string[]
}

/** What an output writes when launchers say something. */
async function written(
  make: (options: { onTrouble: (text: string) => void }) => Output,
  said: readonly Said[],
  scenario: Partial<Scenario> = {},
  prepare: (folder: string) => void = () => undefined,
): Promise<Written> {
  const { folder, remove } = await newFolder()
  const troubles: string[] = []
  try {
    const output = make({ onTrouble: (text) => troubles.push(text) })
    const head = headOf(folder)
    output.start({ ...head, scenario: { ...head.scenario, ...scenario } })
    prepare(folder)
    for (const [stream, lines, launcher = 1] of said) output.lines?.(stream, lines, launcher)
    await output.close()
    const names = readdirSync(folder).sort()
    const content = (name: string): string => readFileSync(join(folder, name), 'latin1')
    return { files: Object.fromEntries(names.map((name) => [name, content(name)])), troubles }
  } catch (error) {
    return { files: {}, troubles: [...troubles, String(error)] }
  } finally {
    await remove()
  }
}

describe('match.log', () => {
  it('is there in every run, with its header', async () => {
    const { folder, remove } = await newFolder()
    await playRun([matchLog({ onTrouble: assert.fail })], folder, { seconds: 2 })
    assert.equal(readFileSync(join(folder, 'match.log'), 'utf8'), `${matchLogHeader}\n`)
    await remove()
  })

  it('has the lines of its stream, in order', async () => {
    const { files } = await written(matchLog, [
      ['match', ['1 a', '2 b']],
      ['dump', ['d;1']],
      ['log', ['launcher 1: hello']],
      ['match', ['3 c'], 2],
      ['match', []],
    ])
    assert.deepEqual(files, {
      'match.log': `${matchLogHeader}\n1 a\n2 b\n3 c\n`,
      'launchers.log': 'launcher 1: hello\n',
    })
  })
})

describe('tsung.dump', () => {
  const traffic: readonly Said[] = [
    ['dump', ['NewClient:1.5:1', 'Send:1.6:<0.1.0>:GET /\xe4\r\n\r\n']],
    ['dump', ['NewClient:1.7:static', 'Recv:1.8:<0.1.0>:\x00\xff'], 2],
    ['dump', ['EndClient:2:1'], 1],
  ]

  it('is not there without dumptraffic', async () => {
    assert.deepEqual(await written(trafficDump, []), { files: {}, troubles: [] })
  })

  for (const dumpTraffic of ['true', 'light'] as const) {
    it(`${dumpTraffic}: says how many users play behind each that comes and goes`, async () => {
      const { files } = await written(trafficDump, traffic, { dumpTraffic })
      assert.deepEqual(files, {
        'tsung.dump':
          'NewClient:1.5:1\nload:1\nSend:1.6:<0.1.0>:GET /\xe4\r\n\r\n\n' +
          'NewClient:1.7:static\nload:2\nRecv:1.8:<0.1.0>:\x00\xff\nEndClient:2:1\nload:1\n',
      })
    })
  }

  it('protocol: a header, then the lines of all launchers', async () => {
    const said: readonly Said[] = [
      ['dump', ['1;a', '2;b']],
      ['dump', ['NewClient:no'], 2],
    ]
    const { files } = await written(trafficDump, said, { dumpTraffic: 'protocol' })
    assert.deepEqual(files, { 'tsung.dump': `${protocolHeader}\n1;a\n2;b\nNewClient:no\n` })
  })

  it('protocol_local: a file for each launcher, without a header', async () => {
    const said: readonly Said[] = [
      ['dump', ['1;a']],
      ['dump', ['2;b'], 3],
    ]
    const { files } = await written(trafficDump, said, { dumpTraffic: 'protocol_local' })
    assert.deepEqual(files, {
      'tsung-1.dump': '1;a\n',
      'tsung-2.dump': '',
      'tsung-3.dump': '2;b\n',
      'tsung.dump': '',
    })
  })

  it('text that is no byte string is written as UTF-8', async () => {
    const said: readonly Said[] = [['dump', ['1;€']]]
    const { files } = await written(trafficDump, said, { dumpTraffic: 'protocol' })
    assert.ok(files['tsung.dump']?.endsWith('1;\xe2\x82\xac\n'))
  })
})

describe('answers that are kept', () => {
  const answer = (user: number, bytes: string): string =>
    JSON.stringify({ user, session: 2, action: 7, bytes })

  it('are a file each, byte for byte, numbered over the run', async () => {
    const { files, troubles } = await written(keptAnswers, [
      ['answer', [answer(5, 'HTTP/1.1 200 OK\r\n\r\n\x00\xff'), answer(5, '')]],
      ['answer', [answer(6, 'c')], 2],
      ['match', ['no answer']],
    ])
    assert.deepEqual(troubles, [])
    assert.deepEqual(files, {
      'match-5-2-7-1.dump': 'HTTP/1.1 200 OK\r\n\r\n\x00\xff',
      'match-5-2-7-2.dump': '',
      'match-6-2-7-3.dump': 'c',
    })
  })

  it('are 1,000 at most, and it is told once that there were more', async () => {
    const many = Array.from({ length: 1010 }, (_, user) => answer(user, 'x'))
    const { files, troubles } = await written(keptAnswers, [['answer', many]])
    assert.equal(Object.keys(files).length, 1000)
    assert.equal(troubles.length, 1)
    assert.match(troubles[0]!, /^1000 answers were kept/)
  })

  for (const line of ['', '{}', 'null', '{"user":"../../x","session":1,"action":1,"bytes":""}']) {
    it(`${line || 'nothing'} is none`, async () => {
      const { files, troubles } = await written(keptAnswers, [['answer', [line, line]]])
      assert.deepEqual(files, {})
      assert.equal(troubles.length, 1)
    })
  }

  it('a folder that cannot be written is told once', async () => {
    const said: readonly Said[] = [['answer', [answer(1, 'a'), answer(2, 'b')]]]
    const { troubles } = await written(keptAnswers, said, {}, (folder) =>
      rmSync(folder, { recursive: true }),
    )
    assert.equal(troubles.filter((text) => text.startsWith('cannot write')).length, 1)
  })
})

describe('tsung-fullstats.log', () => {
  const samples: readonly Said[] = [
    ['sample', ['["request",0.322,1.389,12]', '["tr_login",1.887,9.451]']],
    ['sample', ['["connect",0.866]', '["page",1000]', '["xmpp msg",1]'], 2],
  ]

  it('is not there with another back end', async () => {
    assert.deepEqual(await written(fullStats, samples), { files: {}, troubles: [] })
  })

  it('has every value as Erlang terms, and nothing that is none', async () => {
    const odd: readonly Said[] = [['sample', ['', '{}', '[1,2]', '["request"]', '["request","x"]']]]
    const { files } = await written(fullStats, [...samples, ...odd], { backend: 'fullstats' })
    assert.deepEqual(files, {
      'tsung-fullstats.log':
        '{sample,request,[0.322,1.389,12.0]}\n' +
        '[{sample,tr_login,1.887},\n {sample,tr_login,9.451}]\n' +
        '{sample,connect,[0.866]}\n{sample,page,[1.0e3]}\n' +
        "[{sample,'xmpp msg',1.0}]\n",
    })
  })

  it('has the counters of each second', async () => {
    const { folder, remove } = await newFolder()
    await playRun([fullStats({ onTrouble: assert.fail })], folder, {
      seconds: 7,
      backend: 'fullstats',
    })
    const text = readFileSync(join(folder, 'tsung-fullstats.log'), 'utf8')
    assert.match(text, /^\[\{sum,200,39\},\n \{sum,404,1\},\n \{sum,users_count,10\},\n/)
    assert.match(text, / \{sum,connected,-48\}\]\n$/)
    assert.doesNotMatch(text, /tsts_|,0\}/)
    await remove()
  })

  it('is read by tsung_percentile.pl', async function () {
    const script = requirePath(this, tsungScript('tsung_percentile.pl'), 'apt-get install tsung')
    const { folder, remove } = await newFolder()
    const output = fullStats({ onTrouble: assert.fail })
    const head = headOf(folder)
    output.start({ ...head, scenario: { ...head.scenario, backend: 'fullstats' } })
    const values = Array.from({ length: 101 }, (_, at) => at)
    output.lines?.('sample', [JSON.stringify(['request', ...values.slice(0, 50)])], 1)
    output.lines?.('sample', [JSON.stringify(['tr_x', 5000]), '["connect",0.5]'], 1)
    output.lines?.('sample', [JSON.stringify(['request', ...values.slice(50)]), '["page",7]'], 2)
    await output.close()
    const args = ['--percentiles', '50', '--percentiles', '95']
    const { stdout } = await promisify(execFile)(script, args, { cwd: folder })
    await remove()
    assert.match(stdout, /101 values for sample,request\nPercentile 50 : 50\S*\nPercentile 95 : 95/)
    assert.match(stdout, /1 values for sample,connect\nPercentile 50 : 0\.5/)
    assert.match(stdout, /1 values for sample,page\nPercentile 50 : 7/)
  })
})
