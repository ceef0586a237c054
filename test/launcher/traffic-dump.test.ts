import assert from 'node:assert/strict'
import { LineBatch, lostCounter } from '../../launcher/line-batch.ts'
import { Recorder } from '../../launcher/recorder.ts'
import { trafficDumpFor } from '../../launcher/traffic-dump.ts'

/** Times are replaced: they have the form that Tsung writes. */
function told(mode: 'true' | 'light' | 'protocol' | 'protocol_local'): string[] {
  const lines: string[] = []
  const send = (_stream: string, sent: readonly string[]) => void lines.push(...sent)
  const batch = new LineBatch('dump', new Recorder(), send)
  const dump = trafficDumpFor(mode, batch)!
  dump.userStarted('2')
  dump.sent(7, 'GET / HTTP/1.1\r\n\r\n')
  dump.received(7, Buffer.from(`${'x'.repeat(50)}\xff`, 'latin1'))
  if (dump.tellsRequests) {
    const protocol = { method: 'get', host: 'app1', url: '/slow', status: '200' }
    const request = { user: 7, bytes: 297, ms: 243.6491, match: '', error: '', tag: '' }
    dump.answered({ ...request, protocol, transaction: 'tr_login', match: 'nomatch', tag: 'img' })
    const silent = { ...protocol, status: '' }
    dump.answered({ ...request, protocol: silent, transaction: null, error: 'error_x' })
  }
  dump.userEnded(7)
  batch.flush()
  return lines.map((line) => line.replace(/\b\d{10}(\.\d{1,6})?/, 'T'))
}

describe('dumptraffic', () => {
  it('true tells users and packets, whole', () => {
    assert.deepEqual(told('true'), [
      'NewClient:T:2',
      'Send:T:<0.7.0>:GET / HTTP/1.1\r\n\r\n',
      `Recv:T:<0.7.0>:${'x'.repeat(50)}\xff`,
      'EndClient:T:7',
    ])
  })

  it('light cuts or pads what is sent to 44 characters', () => {
    assert.deepEqual(told('light'), [
      'NewClient:T:2',
      `Send:T:<0.7.0>:${'GET / HTTP/1.1\r\n\r\n'.padEnd(44)}`,
      `Recv:T:<0.7.0>:${'x'.repeat(44)}`,
      'EndClient:T:7',
    ])
  })

  for (const mode of ['protocol', 'protocol_local'] as const) {
    it(`${mode} tells each request that was answered`, () => {
      assert.deepEqual(told(mode), [
        'T;<0.7.0>;7;get;app1;/slow;200;297;243.649;tr_login;nomatch;;img',
        'T;<0.7.0>;7;get;app1;/slow;error_no_http_status;297;243.649;-;;error_x;',
      ])
    })
  }

  it('false is nothing', () => {
    const batch = new LineBatch('dump', new Recorder(), () => undefined)
    assert.equal(trafficDumpFor('false', batch), null)
  })
})

describe('lines for the files of a run', () => {
  it('of one turn travel together', async () => {
    const sent: (readonly string[])[] = []
    const batch = new LineBatch('match', new Recorder(), (_stream, lines) => void sent.push(lines))
    batch.add('a')
    batch.add('b')
    assert.deepEqual(sent, [])
    await new Promise((resolve) => setImmediate(resolve))
    batch.add('c')
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(sent, [['a', 'b'], ['c']])
  })

  for (const [stream, counter] of [
    ['dump', 'tsts_dump_lost'],
    ['answer', 'tsts_dump_lost'],
    ['match', 'tsts_lines_lost'],
  ] as const) {
    it(`${stream}: what is too much for one turn is counted as ${counter}`, () => {
      const recorder = new Recorder()
      let kept = 0
      const batch = new LineBatch(stream, recorder, (_stream, lines) => (kept += lines.length))
      for (let at = 0; at < 20; at++) batch.add('x'.repeat(1024 * 1024 - 20_000))
      batch.flush()
      assert.ok(kept >= 1 && kept <= 8)
      assert.deepEqual(recorder.takeCounters(), { [counter]: 20 - kept })
      assert.equal(lostCounter(stream), counter)
    })
  }
})
