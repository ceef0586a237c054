import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Action, Extraction, Match, Options, Scenario } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { ask, linePlugin } from '../support/line-plugin.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const re = (variable: string, pattern: string): Extraction => ({
  variable,
  extractor: { type: 're', pattern, decodesHtml: false },
  line: 1,
})

const match = (pattern: string, rest: Partial<Match> = {}): Match => ({
  pattern,
  subst: false,
  do: 'continue',
  when: 'match',
  name: '-',
  sleepLoopMs: 1,
  maxLoop: 3,
  loopBack: 0,
  maxRestart: 2,
  skipHeaders: false,
  applyToContent: null,
  line: 1,
  ...rest,
})

/** An answer is complete when the peer closes. */
const untilClose: AnyPlugin = {
  ...linePlugin,
  decode: (bytes, _connection, _user, sink) => {
    if (sink.wantsContent) sink.content(bytes)
    return 'more'
  },
  end: () => 'done',
}

describe('answers', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(answer: (line: string, socket: Socket) => void): Promise<{
    readonly port: number
    readonly got: readonly string[]
  }> {
    const got: string[] = []
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.setEncoding('latin1').on('data', (text: string) => {
        for (const line of text.trimEnd().split('\n')) {
          got.push(line)
          answer(line, socket)
        }
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as AddressInfo).port, got }
  }

  /** Plays the actions; what the server got, and what came of it. */
  async function play(
    actions: readonly Action[],
    answer: (line: string, socket: Socket) => void,
    rest: {
      readonly options?: Partial<Options>
      readonly scenario?: Partial<Scenario>
      readonly plugin?: AnyPlugin
      readonly users?: number
    } = {},
  ): Promise<Played & { readonly got: readonly string[] }> {
    const { port, got } = await serve(answer)
    const scenario = { ...scenarioOf([{ actions }], { port }, rest.options), ...rest.scenario }
    const plugins = { ts_line: rest.plugin ?? linePlugin }
    return { ...(await playUsers(scenario, { plugins, users: rest.users ?? 1 })), got }
  }

  const shown = ask('%%_v%%', 'parse', { subst: 'true' })

  for (const [how, pieces] of [
    ['at once', ['name=x1;\n']],
    ['in two reads', ['name=', 'x1;\n']],
    ['byte by byte', [...'name=x1;\n']],
  ] as const) {
    it(`an answer that comes ${how} is looked at as a whole`, async () => {
      const { got, counters } = await play(
        [
          ask('a', 'parse', { extractions: [re('v', 'name=(.*);')], matches: [match('^name.*;')] }),
          shown,
        ],
        (line, socket) => {
          if (line !== 'a') socket.write('ok\n')
          else drip(socket, pieces)
        },
      )
      assert.deepEqual(got, ['a', 'x1'])
      assert.deepEqual(pick(counters, 'match', 'nomatch'), { match: 1, nomatch: 0 })
    })
  }

  it('an answer that a close completes is looked at', async () => {
    const { got } = await play(
      [ask('a', 'parse', { extractions: [re('v', 'name=(.*);')] }), shown],
      (line, socket) => void socket.end(line === 'a' ? 'name=y;' : 'ok'),
      { plugin: untilClose },
    )
    assert.deepEqual(got, ['a', 'y'])
  })

  it('ack="local" looks at the first packet', async () => {
    const { got } = await play(
      [ask('a', 'local', { extractions: [re('v', '(half .)')] }), shown],
      (_line, socket) => void socket.write('half a\n'),
    )
    assert.deepEqual(got, ['a', 'half a'])
  })

  it('each user has variables of its own', async () => {
    const own: boolean[] = []
    await play(
      [ask('a', 'parse', { extractions: [re('v', '(.*)')] }), shown],
      (line, socket) => {
        if (line !== 'a') own.push(line === String(socket.remotePort))
        socket.write(`${socket.remotePort}\n`)
      },
      { users: 3 },
    )
    assert.deepEqual(own, [true, true, true])
  })

  it('log writes a line of match.log: time, user, session, action, event, transaction, name', async () => {
    const asked = ask('a', 'parse', {
      matches: [
        match('ok', { do: 'log', name: 'good' }),
        match('bad', { do: 'log', when: 'nomatch', name: 'not-bad' }),
        match('bad', { do: 'log', name: 'never' }),
      ],
    })
    const { written, counters } = await play(
      [asked, { type: 'transaction', name: 'buy', actions: [asked], line: 1 }],
      (_line, socket) => void socket.write('ok\n'),
    )
    const lines = written.match!.map((line) => line.replace(/^\d{10}\.\d{6} /, ''))
    assert.deepEqual(lines, [
      '1 1 1 match - good',
      '1 1 1 nomatch - not-bad',
      '1 1 3 match tr_buy good',
      '1 1 3 nomatch tr_buy not-bad',
    ])
    assert.deepEqual(pick(counters, 'match', 'nomatch'), { match: 2, nomatch: 4 })
  })

  it('dump keeps the answer, 1 MiB of it', async () => {
    const { written } = await play(
      [ask('a', 'parse', { matches: [match('x', { do: 'dump' })] })],
      (_line, socket) => void socket.write(`\xff${'x'.repeat(1_200_000)}\n`, 'latin1'),
    )
    const answer = JSON.parse(written.answer![0]!) as { bytes: string }
    const { bytes, ...rest } = answer
    assert.deepEqual(rest, { user: 1, session: 1, action: 1 })
    assert.equal(bytes.length, 1024 * 1024)
    assert.ok(bytes.startsWith('\xffxx'))
  })

  it('loop asks again after its pause, restart begins anew, abort ends the user', async () => {
    let asked = 0
    const { got, counters } = await play(
      [
        ask('a', 'parse', { matches: [match('1', { do: 'loop' })] }),
        ask('b', 'parse', { matches: [match('4', { do: 'restart' })] }),
        ask('c', 'parse', { matches: [match('7', { do: 'abort' })] }),
        ask('d'),
      ],
      (_line, socket) => void socket.write(`${++asked}\n`),
    )
    assert.deepEqual(got, ['a', 'a', 'b', 'c', 'd'])
    assert.deepEqual(pick(counters, 'match_loop', 'match_restart', 'match_stop'), {
      match_loop: 1,
      match_restart: 0,
      match_stop: 0,
    })
    asked = 2
    const again = await play(
      [
        ask('a'),
        ask('b', 'parse', { matches: [match('4', { do: 'restart' })] }),
        ask('c', 'parse', { matches: [match('7', { do: 'abort' })] }),
        ask('d'),
      ],
      (_line, socket) => void socket.write(`${++asked}\n`),
    )
    assert.deepEqual(again.got, ['a', 'b', 'a', 'b', 'c'])
    assert.deepEqual(pick(again.counters, 'match_restart', 'match_stop', 'tsts_issued'), {
      match_restart: 1,
      match_stop: 1,
      tsts_issued: 5,
    })
  })

  it('abort_test ends the run once, however many users meet it', async () => {
    const { aborts, counters } = await play(
      [ask('a', 'parse', { matches: [match('ok', { do: 'abort_test' })] }), ask('b')],
      (_line, socket) => void socket.write('ok\n'),
      { users: 3 },
    )
    assert.equal(aborts.length, 1)
    assert.deepEqual(pick(counters, 'error_abort', 'match_stop_test', 'tsts_issued'), {
      error_abort: 1,
      match_stop_test: 3,
      tsts_issued: 3,
    })
  })

  it('a request that fails leaves nothing of its answer to the next attempt', async () => {
    let connections = 0
    const { got, counters } = await play(
      [
        ask('a', 'parse', { extractions: [re('v', '^(.*)')] }),
        ask('a', 'parse', { extractions: [re('v', '^(.*)')] }),
        shown,
      ],
      (_line, socket) => void (++connections === 1 ? socket.end('half') : socket.write('whole\n')),
    )
    assert.deepEqual(got, ['a', 'a', 'whole'])
    assert.equal(counters['error_closed_in_answer'], 1)
  })

  it('the dump tells a request with its matches, its transaction and its tag', async () => {
    const plugin: AnyPlugin = {
      ...linePlugin,
      protocolDump: () => ({ method: 'ask', host: 'h', url: '/u', status: '' }),
    }
    const asked = ask('a', 'parse', { tag: 'img', matches: [match('ok', { do: 'log' })] })
    const { written } = await play(
      [{ type: 'transaction', name: 't', actions: [asked], line: 1 }, ask('b')],
      (_line, socket) => void socket.write('ok\n'),
      { plugin, scenario: { dumpTraffic: 'protocol' } },
    )
    const lines = written.dump!.map((line) =>
      line.replace(/^[\d.]+/, 'T').replace(/3;[\d.]+/, '3;D'),
    )
    assert.deepEqual(lines, [
      'T;<0.1.0>;1;ask;h;/u;error_no_http_status;3;D;tr_t;match;;img',
      'T;<0.1.0>;1;ask;h;/u;error_no_http_status;3;D;-;;;',
    ])
  })

  it('dumptraffic="true" tells what is sent and what comes, and who begins and ends', async () => {
    const { written } = await play([ask('a')], (_line, socket) => void socket.write('ok\n'), {
      scenario: { dumpTraffic: 'true' },
    })
    assert.deepEqual(
      written.dump!.map((line) => line.replace(/:[\d.]+:/, ':T:')),
      ['NewClient:T:1', 'Send:T:<0.1.0>:a\n', 'Recv:T:<0.1.0>:ok\n', 'EndClient:T:1'],
    )
  })
})

/** One piece a turn. */
function drip(socket: Socket, pieces: readonly string[]): void {
  let at = 0
  const timer = setInterval(() => {
    socket.write(pieces[at++]!, 'latin1')
    if (at === pieces.length) clearInterval(timer)
  }, 5)
}
