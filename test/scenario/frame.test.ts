import assert from 'node:assert/strict'
import { codesOf, type Parts, readParts, scenarioOf } from './build.ts'

describe('clients', () => {
  const clientsOf = (clients: string): readonly Record<string, unknown>[] =>
    scenarioOf({ clients }).clients.map(({ position, ...client }) => client)
  const plain = {
    type: 'machine',
    host: 'localhost',
    batch: null,
    weight: 1,
    cpu: 1,
    maxUsers: 800,
    useControllerVm: false,
    addresses: [],
  }
  const cases: readonly (readonly [string, object])[] = [
    ['<client host="localhost"/>', {}],
    ['<client host="127.0.0.1"/>', { host: '127.0.0.1' }],
    ['<client host="::1"/>', { host: '::1' }],
    [
      '<client host="a.test" weight="3" cpu="4" maxusers="99"/>',
      { host: 'a.test', weight: 3, cpu: 4, maxUsers: 99 },
    ],
    ['<client host="localhost" cpu="auto"/>', { cpu: 'auto' }],
    ['<client host="localhost" use_controller_vm="true"/>', { useControllerVm: true }],
    [
      '<client host="localhost"><ip value="127.0.0.2"/><ip value="resolve"/></client>',
      {
        addresses: [
          { type: 'ip', value: '127.0.0.2' },
          { type: 'ip', value: 'localhost' },
        ],
      },
    ],
    [
      '<client host="localhost"><ip value="lo" scan="true"/><ip value="" scan="true"/></client>',
      {
        addresses: [
          { type: 'scan', interface: 'lo' },
          { type: 'scan', interface: 'eth0' },
        ],
      },
    ],
    [
      '<client host="localhost"><iprange value="127.0.1-20.0-254"/></client>',
      {
        addresses: [
          {
            type: 'range',
            parts: [
              [127, 127],
              [0, 0],
              [1, 20],
              [0, 254],
            ],
          },
        ],
      },
    ],
  ]
  for (const [clients, expected] of cases) {
    it(clients, () => assert.deepEqual(clientsOf(clients), [{ ...plain, ...expected }]))
  }

  it('after use_controller_vm are used so, too', () => {
    const clients =
      '<client host="a"/><client host="localhost" use_controller_vm="true"/><client host="b"/>'
    assert.deepEqual(
      clientsOf(clients).map(({ useControllerVm }) => useControllerVm),
      [false, true, true],
    )
  })

  it('with use_controller_vm have one launcher', () => {
    const result = readParts({
      clients: '<client host="localhost" use_controller_vm="true" cpu="4"/>',
    })
    assert.deepEqual(codesOf(result), ['W_CPU'])
    assert.equal(result.scenario!.clients[0]!.cpu, 1)
  })

  const told: readonly (readonly [string, string, boolean])[] = [
    ['<client host="a"/><client host="a" weight="2"/>', 'W_SAME_CLIENT', true],
    ['<client/>', 'U_UNUSABLE', true],
    ['<client host=""/>', 'U_UNUSABLE', true],
    ['<client host="a" weight="0"/>', 'U_UNUSABLE', true],
    ['<client host="a" maxusers="0"/>', 'U_UNUSABLE', true],
    ['<client host="a"><iprange value="1.2.3.9-4"/></client>', 'U_UNUSABLE', true],
    ['<client host="a"><iprange value="1.2.3.256"/></client>', 'U_UNUSABLE', true],
    ['<client type="batch"/>', 'E_CLIENT', false],
    ['<client host="a"><iprange value="1.2.3"/></client>', 'E_ADDRESS', false],
    ['<client host="a"><iprange value="1.2.3.x"/></client>', 'E_ADDRESS', false],
    ['<client host="a"><ip value=""/></client>', 'E_ADDRESS', false],
  ]
  for (const [clients, code, isValid] of told) {
    it(`${clients} is ${isValid ? 'told' : 'refused'}: ${code}`, () => {
      const result = readParts({ clients })
      assert.ok(codesOf(result).includes(code), codesOf(result).join())
      assert.equal(result.scenario !== null, isValid)
    })
  }
})

describe('servers and monitoring', () => {
  it('keep their weights', () => {
    const servers =
      '<server host="a" port="1" type="ssl6" weight="0.5"/><server host="::1" port="0" type="tcp6"/>'
    assert.deepEqual(scenarioOf({ servers }).servers, [
      { host: 'a', port: 1, transport: 'ssl6', weight: 0.5 },
      { host: '::1', port: 0, transport: 'tcp6', weight: 1 },
    ])
  })

  const told: readonly (readonly [Parts, string])[] = [
    [{ servers: '<server host="a" port="65536" type="tcp"/>' }, 'U_UNUSABLE'],
    [{ servers: '<server host="" port="1" type="tcp"/>' }, 'W_EMPTY_HOST'],
    [{ servers: '<server host="a" port="1" type="tcp" weight="0"/>'.repeat(2) }, 'U_UNUSABLE'],
    [{ monitoring: '<monitoring><monitor host="a"/></monitoring>' }, 'W_MONITORING'],
  ]
  for (const [parts, code] of told) {
    it(`${JSON.stringify(parts)}: ${code}`, () => {
      const result = readParts(parts)
      assert.ok(result.scenario !== null)
      assert.deepEqual(codesOf(result), [code])
    })
  }

  it('monitors are known', () => {
    const monitoring =
      '<monitoring><monitor host="a"/><monitor host="b" type="snmp"><snmp><oid value="1.3" name="x"/></snmp></monitor></monitoring>'
    const monitors = scenarioOf({ monitoring }).monitors.map(({ host, type }) => [host, type])
    assert.deepEqual(monitors, [
      ['a', 'erlang'],
      ['b', 'snmp'],
    ])
  })

  it('an object that is none is refused', () => {
    const monitoring =
      '<monitoring><monitor host="b" type="snmp"><snmp><oid value="1.a" name="x"/></snmp></monitor></monitoring>'
    assert.deepEqual(codesOf(readParts({ monitoring })), ['W_MONITORING', 'E_BAD_ATTRIBUTE'])
  })
})

describe('options', () => {
  const defaults = {
    seed: null,
    connectTimeoutMs: null,
    maxRetries: 3,
    retryTimeoutMs: 10,
    idleTimeoutMs: 600_000,
    globalAckTimeoutMs: null,
    globalNumber: 100,
    rateLimit: null,
    portsRange: null,
    tls: { ciphers: null, version: null, reuseSessions: true, disableSni: false, verify: false },
    streams: {
      websocket: { path: '/chat', frame: 'binary', subprotocols: null, origin: null },
      bosh: { path: '/http-bind/' },
    },
    fileServers: [],
  }
  const one = (name: string, value: string): string => `<option name="${name}" value="${value}"/>`
  const tls = (change: object): object => ({ tls: { ...defaults.tls, ...change } })
  const cases: readonly (readonly [string, object])[] = [
    ['', {}],
    [one('seed', '42'), { seed: 42 }],
    [one('seed', '1') + one('seed', '2'), { seed: 2 }],
    [one('connect_timeout', ' 1500 '), { connectTimeoutMs: 1500 }],
    ['<option name="connect_timeout"/>', {}],
    [one('max_retries', '0'), { maxRetries: 0 }],
    [one('retry_timeout', '20'), { retryTimeoutMs: 20 }],
    [one('idle_timeout', '5'), { idleTimeoutMs: 5 }],
    [one('tcp_timeout', '6'), { idleTimeoutMs: 6 }],
    [one('global_ack_timeout', '7'), { globalAckTimeoutMs: 7 }],
    [one('global_number', '8'), { globalNumber: 8 }],
    ['<option type="ts_jabber" name="global_number" value="9"/>', { globalNumber: 9 }],
    [one('rate_limit', '100'), { rateLimit: { bytesPerMs: 102, burstBytes: 102_400 } }],
    ['<option name="rate_limit" max="1"/>', { rateLimit: { bytesPerMs: 524, burstBytes: 1024 } }],
    ['<option name="ports_range"/>', { portsRange: { min: 1025, max: 65_534 } }],
    [
      '<option name="ports_range" min="2000" max="3000" value="on"/>',
      { portsRange: { min: 2000, max: 3000 } },
    ],
    ['<option name="ports_range" value="off"/>', {}],
    [one('ssl_ciphers', 'AES128-SHA'), tls({ ciphers: 'AES128-SHA' })],
    [one('ssl_versions', "'tlsv1.2'"), tls({ version: 'TLSv1.2' })],
    [one('ssl_versions', 'tlsv1'), tls({ version: 'TLSv1' })],
    [one('ssl_versions', 'negotiate'), {}],
    [one('ssl_reuse_sessions', 'false'), tls({ reuseSessions: false })],
    [one('ssl_disable_sni', 'true'), tls({ disableSni: true })],
    [one('ssl_verify', 'true'), tls({ verify: true })],
    [
      `${one('file_server', 'a.csv')}<option name="local_file_server" id="b" value="x/b.csv"/>`,
      {
        fileServers: [
          { id: 'default', path: 'a.csv', local: false },
          { id: 'b', path: 'x/b.csv', local: true },
        ],
      },
    ],
    [one('tcp_reuseaddr', 'false'), {}],
  ]
  for (const [options, expected] of cases) {
    it(options || 'none', () => {
      const files = { 'a.csv': '1', 'x/b.csv': '2' }
      const { scenario, diagnostics } = readParts({ options }, files)
      assert.deepEqual(diagnostics, [])
      const { plugins, ...rest } = scenario!.options
      assert.deepEqual(rest, { ...defaults, ...expected })
    })
  }

  it('of server types that wrap a stream are kept', () => {
    const options = [
      one('websocket_path', '/ws'),
      one('websocket_frame', 'text'),
      one('websocket_subprotocols', 'mqtt'),
      one('websocket_origin', 'http://a'),
      one('bosh_path', '/b'),
    ].join('')
    assert.deepEqual(readParts({ options }).scenario!.options.streams, {
      websocket: { path: '/ws', frame: 'text', subprotocols: 'mqtt', origin: 'http://a' },
      bosh: { path: '/b' },
    })
  })

  it('of HTTP are what its plugin makes of them', () => {
    const options =
      '<option type="ts_http" name="http_use_server_as_proxy" value="true"/><option type="ts_http" name="user_agent"><user_agent probability="80">a</user_agent><user_agent probability="20">b</user_agent></option>'
    const session = '<request><http url="http://a.test/"/></request>'
    assert.deepEqual(scenarioOf({ options, session }).options.plugins['ts_http'], {
      useServerAsProxy: true,
      userAgents: [
        { probability: 80, text: 'a' },
        { probability: 20, text: 'b' },
      ],
      version: '1.1',
      usersPerConnection: 1,
    })
  })

  it('of HTTP/2 are its version and who shares a connection', () => {
    const named = (name: string, value: string): string =>
      `<option type="ts_http" name="${name}" value="${value}"/>`
    const options = named('http_version', ' auto ') + named('http2_users_per_connection', '100')
    const { version, usersPerConnection } = scenarioOf({ options }).options.plugins[
      'ts_http'
    ] as Record<string, unknown>
    assert.deepEqual([version, usersPerConnection], ['auto', 100])
    for (const wrong of [
      named('http_version', '3'),
      named('http2_users_per_connection', '0'),
      named('http2_users_per_connection', 'many'),
    ]) {
      assert.deepEqual(codesOf(readParts({ options: wrong })), ['E_BAD_ATTRIBUTE'])
    }
  })

  const told: readonly (readonly [string, string, boolean])[] = [
    [one('nosuch', '1'), 'W_UNKNOWN_OPTION', true],
    [one('tcp_rcv_buffer', '1'), 'W_CANNOT_SET', true],
    [one('bosh_path', '/x'), 'W_NO_EFFECT', true],
    [one('hibernate', 'infinity'), 'W_NO_EFFECT', true],
    [one('max_ssh_startup_per_core', '5'), 'W_NO_EFFECT', true],
    [one('ip_transparent', 'true'), 'W_CANNOT_SET', true],
    ['<option name="seed" value="1" id="x"/>', 'W_UNUSED_ATTRIBUTE', true],
    [
      '<option name="seed"><user_agent probability="1">a</user_agent></option>',
      'W_UNUSED_ATTRIBUTE',
      true,
    ],
    [one('rate_limit', '0'), 'U_UNUSABLE', true],
    ['<option name="ports_range" min="5" max="3"/>', 'U_UNUSABLE', true],
    ['<option name="ports_range" min="5" max="99999"/>', 'U_UNUSABLE', true],
    [one('ssl_versions', "'tlsv9'"), 'U_UNUSABLE', true],
    [one('ssl_versions', 'tlsv1.2'), 'E_TLS_VERSION', false],
    [one('ssl_versions', 'TLSv1.2'), 'E_TLS_VERSION', false],
    [one('seed', 'abc'), 'E_BAD_ATTRIBUTE', false],
    [one('seed', ''), 'E_BAD_ATTRIBUTE', false],
    [one('max_retries', '1.5'), 'E_BAD_ATTRIBUTE', false],
    [one('hibernate', 'never'), 'E_BAD_ATTRIBUTE', false],
    [one('tcp_reuseaddr', 'yes'), 'E_BAD_ATTRIBUTE', false],
    [one('ports_range', 'maybe'), 'E_BAD_ATTRIBUTE', false],
    [one('thinktime', 'long'), 'E_BAD_ATTRIBUTE', false],
    [one('file_server', 'nofile.csv'), 'E_FILE', false],
    ['<option name="file_server"/>', 'E_FILE', false],
    ['<option type="ts_jabber" name="nosuch" value="1"/>', 'E_UNKNOWN_OPTION', false],
    ['<option type="ts_jabber" name="userid_max" value="x"/>', 'E_BAD_ATTRIBUTE', false],
    ['<option type="ts_pgsql" name="nosuch"/>', 'E_UNKNOWN_OPTION', false],
    ['<option type="ts_http" name="nosuch"/>', 'E_UNKNOWN_OPTION', false],
    ['<option type="ts_amqp" name="heartbeat" value="x"/>', 'E_BAD_ATTRIBUTE', false],
  ]
  for (const [options, code, isValid] of told) {
    it(`${options} is ${isValid ? 'told' : 'refused'}: ${code}`, () => {
      const result = readParts({ options })
      assert.deepEqual(codesOf(result), [code])
      assert.equal(result.scenario !== null, isValid)
    })
  }

  it('that are misspelt are told what they may be', () => {
    const { diagnostics } = readParts({ options: one('connect_timout', '1') })
    assert.match(diagnostics[0]!.hint ?? '', /did you mean connect_timeout\?/)
  })
})
