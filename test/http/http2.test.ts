/** Scenarios of ts_http over HTTP/2: the same requests and the same outcomes as over HTTP/1.1. */
import assert from 'node:assert/strict'
import { type KeyPair, selfSigned } from '../../controller/echo/certificate.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { scenarioOf } from '../scenario/build.ts'
import { startTarget, type Target } from '../support/http2-target.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'

const megabyte = 'm'.repeat(1024 * 1024)

/** What there is of ts_http that an answer or the user's state has a part in. */
const session = `
<request subst="true"><match do="continue" when="match" name="ok">HTTP/1.1 200 OK</match>
  <dyn_variable name="token"/><dyn_variable name="next" header="x-next"/>
  <http url="/page/%%_tsung_userid%%" method="GET"><http_header name="X-Twice" value="a"/><http_header name="X-Twice" value="b"/></http></request>
<request subst="true"><http url="%%_next%%?t=%%_token%%" method="GET"><add_cookie key="extra" value="1"/></http></request>
<request subst="true"><http url="/login" method="POST" contents="user=%%_tsung_userid%%&amp;t=%%_token%%"/></request>
<request><http url="/upload" method="PUT" contents="${'m'.repeat(64)}" content_type="text/plain"/></request>
<request><http url="/big" method="POST" contents_from_file="big.txt" content_type="application/octet-stream"/></request>
<request><match do="continue" when="match" name="streamed">part one, part two</match><http url="/streamed"/></request>
<request><match do="continue" when="match" name="trailers">body</match><http url="/trailers"/></request>
<request><match do="continue" when="match" name="unpacked">unpacked token=z9</match><http url="/gzip"/></request>
<request><http url="/bytes/300000"/></request>
<request><http url="/page/head" method="HEAD"/></request>
<request><http url="/status/204"/></request>
<request><http url="/status/304" if_modified_since="Fri, 14 Nov 2003 02:43:31 GMT"/></request>
<request><http url="/status/404"/></request>
<request><http url="/status/500" method="DELETE"/></request>
<request><http url="/early"/></request>
<request><http url="/auth"><www_authenticate userid="u" passwd="p"/><http_header name="TE" value="gzip"/><http_header name="Connection" value="keep-alive"/></http></request>
<thinktime value="0.02"/>
<request><http url="/last"/></request>`

const counted = ['tsts_issued', 'tsts_acknowledged', 'tsts_failed', 'request_noack']

describe('HTTP/2', function () {
  this.timeout(30_000)
  let pair: KeyPair
  const targets: Target[] = []

  before(function () {
    requirePeer(this, 'openssl', 'openssl')
    pair = selfSigned()
  })
  afterEach(async () => {
    for (const target of targets.splice(0)) await target.close()
  })

  async function start(...like: Parameters<typeof startTarget>): Promise<Target> {
    const target = await startTarget(...like)
    targets.push(target)
    return target
  }

  function scenario(
    target: Pick<Target, 'port'>,
    type: 'tcp' | 'ssl',
    options: { readonly [name: string]: string | number } = {},
    content: string = session,
  ): Scenario {
    return scenarioOf(
      {
        servers: `<server host="127.0.0.1" port="${target.port}" type="${type}"/>`,
        options: [
          '<option name="retry_timeout" value="1"/>',
          ...Object.entries(options).map(
            ([name, value]) => `<option type="ts_http" name="${name}" value="${value}"/>`,
          ),
        ].join(''),
        session: content,
      },
      { 'dir/big.txt': megabyte, 'big.txt': megabyte },
    )
  }

  const play = (of: Scenario, users = 1): Promise<Played> =>
    playUsers(of, { plugins: { ts_http: http as AnyPlugin }, users })

  /** What must not differ: everything but sizes and connections. */
  function outcome({ counters, taken }: Played): object {
    const same = Object.entries(counters).filter(
      ([name]) => /^(\d{3}|count|match|error|http)/.test(name) || counted.includes(name),
    )
    return {
      counters: Object.fromEntries(same.sort(([a], [b]) => (a < b ? -1 : 1))),
      taken: [taken['request'], taken['page'], taken['response'], taken['ttfb']],
    }
  }

  /** The request's own headers, whatever the connection's are. */
  const asked = ({ seen, port }: Target): string[] =>
    seen.map((each) => each.replaceAll(`127.0.0.1:${port}`, 'HOST').replace(' te=gzip', '')).sort()

  const users = 7
  for (const type of ['tcp', 'ssl'] as const) {
    for (const usersPerConnection of [1, 3, 100]) {
      it(`over ${type}, ${usersPerConnection} users a connection: the same as HTTP/1.1`, async () => {
        const tls = type === 'ssl' ? pair : null
        const [one, two] = [await start('1.1', tls), await start('2', tls)]
        const before = await play(scenario(one, type), users)
        const options = { http_version: 2, http2_users_per_connection: usersPerConnection }
        const after = await play(scenario(two, type, options), users)
        assert.deepEqual(asked(two), asked(one))
        assert.deepEqual(outcome(after), outcome(before))
        assert.equal(before.counters['tsts_acknowledged'], users * 17)
        assert.equal(before.counters['count.ok'] ?? before.counters['match'] ?? 0, users * 4)
        const connections = Math.ceil(users / usersPerConnection)
        assert.equal(two.connections, connections)
        assert.equal(after.taken['connect'], connections)
        assert.equal(after.taken['tls'], type === 'ssl' ? connections : undefined)
        assert.deepEqual([after.gauges.connectedMax, after.gauges.connected], [connections, 0])
      })
    }
  }

  it('counts what passes the wire', async () => {
    const target = await start('2')
    const content = '<request><http url="/bytes/100000"/></request>'
    const { counters } = await play(scenario(target, 'tcp', { http_version: 2 }, content))
    const [session] = target.sessions
    const { bytesWritten, bytesRead } = session!.socket
    assert.ok(counters['size_rcv']! > 100_000 && counters['size_rcv']! <= bytesWritten)
    assert.ok(counters['size_rcv']! < 102_000, String(counters['size_rcv']))
    assert.ok(counters['size_sent']! > 60 && counters['size_sent']! <= bytesRead + 64)
  })

  it('auto takes what the server chooses, and HTTP/1.1 without TLS', async () => {
    const content = '<request><http url="/a"/></request><request><http url="/streamed"/></request>'
    for (const [version, tls, want] of [
      ['both', pair, 1],
      ['1.1', pair, 0],
      ['1.1', null, 0],
    ] as const) {
      const target = await start(version, tls)
      const options = { http_version: 'auto', http2_users_per_connection: 10 }
      const type = tls === null ? 'tcp' : 'ssl'
      const { counters, gauges, taken } = await play(scenario(target, type, options, content), 3)
      assert.equal(counters['tsts_acknowledged'], 6)
      assert.equal(target.sessions.length > 0 ? 1 : 0, want)
      assert.equal(taken['connect'], 3)
      assert.equal(gauges.connected, 0)
    }
  })

  it('is refused by a server over TLS that does not speak it', async () => {
    const target = await start('1.1', pair)
    const content = '<request><http url="/a"/></request>'
    const { counters, gauges } = await play(scenario(target, 'ssl', { http_version: 2 }, content))
    const failed = (counters['error_connect_http2'] ?? 0) + (counters['error_connect_tls'] ?? 0)
    assert.equal(failed, 4)
    assert.deepEqual(pick(counters, 'error_abort_max_conn_retries', 'tsts_failed'), {
      error_abort_max_conn_retries: 1,
      tsts_failed: 1,
    })
    assert.equal(gauges.connected, 0)
  })

  it('without TLS fails with a name where the server speaks HTTP/1.1', async () => {
    const target = await start('1.1')
    const content = '<request><http url="/a"/></request>'.repeat(2)
    const { counters, gauges } = await play(scenario(target, 'tcp', { http_version: 2 }, content))
    assert.equal(counters['tsts_failed'], 2)
    assert.equal(
      (counters['error_http2_protocol_error'] ?? 0) + (counters['error_closed_in_answer'] ?? 0),
      2,
    )
    assert.equal(gauges.connected, 0)
  })

  it('waits for a free stream', async () => {
    const target = await start('2', null, { maxConcurrentStreams: 2 })
    const content = '<request><http url="/slow/30"/></request>'.repeat(2)
    const options = { http_version: 2, http2_users_per_connection: 50 }
    const { counters, samples } = await play(scenario(target, 'tcp', options, content), 10)
    assert.equal(counters['tsts_acknowledged'], 20)
    assert.equal(target.connections, 1)
    assert.ok(target.together <= 2, `${target.together} at a time`)
    assert.ok(samples['request']!.max >= 120, `${samples['request']!.max} ms`)
  })

  it('leaves the others alone when a user ends', async () => {
    const target = await start('2')
    const content = `<request><http url="/slow/40"/></request>
      <request subst="true"><match do="abort" when="match">status 404</match><http url="/status/%%_wanted%%"/></request>
      <request><http url="/bytes/100000"/></request>`
    const plain = scenario(
      target,
      'tcp',
      { http_version: 2, http2_users_per_connection: 9 },
      content,
    )
    const wanted = `<setdynvars sourcetype="random_number" start="0" end="1"><var name="n"/></setdynvars>`
    void wanted
    const { counters, gauges } = await playUsers(plain, {
      plugins: { ts_http: http as AnyPlugin },
      users: 4,
      variables: { wanted: '404' },
    })
    assert.equal(counters['404'], 4)
    assert.equal(counters['tsts_acknowledged'], 8)
    assert.equal(gauges.connected, 0)
  })
})
