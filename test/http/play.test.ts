/** HTTP sessions with variables against real servers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { RequestAction, Scenario } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { header, parse, request } from '../support/http-requests.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const plugins = { ts_http: http as AnyPlugin }

function actionsOf(
  asked: readonly ReturnType<typeof request>[],
  extractions: RequestAction['extractions'],
): RequestAction[] {
  const { parsed, told } = parse(asked, { subst: 'true' })
  assert.deepEqual(told, [])
  return parsed.map((each, at) => ({
    type: 'request',
    plugin: 'ts_http',
    subst: 'true',
    tag: '',
    extractions: at === 0 ? extractions : [],
    matches: [],
    line: 1,
    ...each!,
  }))
}

describe('HTTP sessions', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** Every answer is `body` in gzip. @param seen gets `host METHOD url x-header` */
  async function serve(seen: string[], body: () => string): Promise<number> {
    const server = createServer(({ headers, method, url }, answer) => {
      seen.push([headers.host, method, url, headers['x-token'] ?? '-'].join(' '))
      answer.setHeader('Content-Encoding', 'gzip')
      answer.end(gzipSync(body()))
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  const extractions: RequestAction['extractions'] = ['token', 'next'].map((variable) => ({
    variable,
    extractor: { type: 're', pattern: `${variable}=(\\S+)`, decodesHtml: false },
    line: 1,
  }))

  function play(
    asked: readonly ReturnType<typeof request>[],
    port: number,
    more: Partial<Scenario> = {},
  ): Promise<Played> {
    const actions = actionsOf(asked, extractions)
    const scenario = scenarioOf([{ type: 'ts_http', actions }], { port })
    return playUsers({ ...scenario, ...more }, { plugins })
  }

  it('what an answer in gzip says goes into the next request, to another server', async () => {
    const seen: string[] = []
    const other = await serve(seen, () => '')
    const port = await serve(seen, () => `token=a7 next=http://localhost:${other}/there`)
    const asked = [
      request({ url: '/' }),
      request({ url: '%%_next%%' }, header('X-Token', '%%_token%%')),
      request({ url: '/stays' }),
    ]
    const { counters } = await play(asked, port, { dumpTraffic: 'protocol' })
    assert.deepEqual(seen, [
      `127.0.0.1:${port} GET / -`,
      `localhost:${other} GET /there a7`,
      `localhost:${other} GET /stays -`,
    ])
    assert.deepEqual(pick(counters, '200', 'tsts_acknowledged'), { 200: 3, tsts_acknowledged: 3 })
  })

  it('the dump tells what was asked', async () => {
    const port = await serve([], () => 'token=a7 next=/there')
    const asked = [request({ url: '/' }), request({ url: '%%_next%%', method: 'POST' })]
    const { written } = await play(asked, port, { dumpTraffic: 'protocol' })
    const told = written.dump!.map((line) => line.split(';').slice(3, 7).join(';'))
    assert.deepEqual(told, ['get;127.0.0.1;/;200', 'post;127.0.0.1;/there;200'])
  })

  it('a URL that cannot be read fails its request, and the user goes on', async () => {
    const seen: string[] = []
    const port = await serve(seen, () => 'next=http://localhost:port/')
    const asked = [request({ url: '/' }), request({ url: '%%_next%%' }), request({ url: '/last' })]
    const { counters, examples } = await play(asked, port)
    assert.deepEqual(seen, [`127.0.0.1:${port} GET / -`, `127.0.0.1:${port} GET /last -`])
    const names = ['error_http_bad_url', 'tsts_issued', 'tsts_acknowledged', 'tsts_failed']
    assert.deepEqual(pick(counters, ...names), {
      error_http_bad_url: 1,
      tsts_issued: 3,
      tsts_acknowledged: 2,
      tsts_failed: 1,
    })
    assert.deepEqual(examples, [
      'error_http_bad_url: "http://localhost:port/" has no host and port that can be read',
    ])
  })
})
