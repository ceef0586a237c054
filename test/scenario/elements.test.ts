import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttributeDeclaration } from '../../core/scenario/declaration.ts'
import { genericOptions } from '../../core/scenario/elements/generic-options.ts'
import { elementTable } from '../../core/scenario/elements.ts'
import { faultOf } from '../../core/scenario/lexical.ts'
import { declarations } from '../../plugins/registry.ts'
import { root } from '../support/sources.ts'

interface TsungElement {
  readonly content: string
  readonly parents: readonly string[]
  readonly children: readonly string[]
  readonly attributes: {
    readonly [name: string]: {
      readonly required?: true
      /** The one that is applied. */
      readonly default?: string
      readonly values?: readonly string[]
    }
  }
}

/** What Tsung 1.8 declares, with the defaults it really applies. */
const tsung = JSON.parse(readFileSync(join(root, 'test/golden/tsung-elements.json'), 'utf8')) as {
  readonly [name: string]: TsungElement
}

const table = elementTable(declarations)

/** What Tsung does not have. */
const ours = {
  elements: [
    ...['count', 'mqtt_property', 'mqtt_topic', 'mqtt_user_property', 'pace', 'rate', 'sum'],
    ...['threshold', 'thresholds'],
  ],
  attributes: {
    users: ['maxactive'],
    websocket: [
      ...['expect', 'expecting', 'deadline', 'stamped', 'stream', 'fragment'],
      ...['compression', 'keepalive', 'code', 'reason'],
    ],
    mqtt: [
      ...['ack_timeout', 'count', 'max_packet_size', 'no_local', 'reason', 'retain_as_published'],
      ...['retain_handling', 'session_expiry', 'topic_alias', 'version'],
    ],
  },
  /** What elements may hold besides. */
  contents: { mqtt: 'mixed' },
  values: { 'setdynvars/@sourcetype': ['js'], 'websocket/@type': ['receive', 'ping'] },
} as const

function withoutOurs(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => !(ours.elements as readonly string[]).includes(name)).sort()
}

function isOurs(element: string, attribute: string): boolean {
  const of = ours.attributes as { readonly [element: string]: readonly string[] }
  return of[element]?.includes(attribute) ?? false
}

function valuesOfOurs(where: string): readonly string[] {
  return (ours.values as { readonly [where: string]: readonly string[] })[where] ?? []
}

describe('the table of elements', () => {
  it('has the elements of Tsung and some of ours', () => {
    assert.deepEqual(withoutOurs(table.keys()), Object.keys(tsung).sort())
    for (const name of ours.elements) assert.equal(table.get(name)?.since, 'tsts')
  })

  for (const [name, expected] of Object.entries(tsung)) {
    it(`has <${name}> as Tsung does`, () => {
      const declaration = table.get(name)!
      const { [name]: content = expected.content } = ours.contents as { [name: string]: string }
      assert.equal(declaration.content, content)
      assert.deepEqual([...declaration.parents].sort(), expected.parents)
      assert.deepEqual(withoutOurs(declaration.compiled?.names ?? []), expected.children)
      const attributes = Object.keys(declaration.attributes).filter((at) => !isOurs(name, at))
      assert.deepEqual(attributes.sort(), Object.keys(expected.attributes).sort())
      for (const [attribute, wanted] of Object.entries(expected.attributes)) {
        const declared = declaration.attributes[attribute]!
        assert.equal(declared.required ?? false, wanted.required ?? false, attribute)
        assert.equal(declared.default, wanted.default, attribute)
        if (wanted.values === undefined) continue
        const words = [...wanted.values, ...valuesOfOurs(`${name}/@${attribute}`)]
        assert.deepEqual(wordsOf(declared), words.sort(), attribute)
      }
    })
  }

  it('says what everything is for, in one line', () => {
    for (const { name, doc, attributes } of table.values()) {
      for (const [where, text] of [
        [name, doc],
        ...Object.entries(attributes).map(([at, { doc }]) => [`${name}/@${at}`, doc]),
      ]) {
        assert.match(text!, /^\S.{3,}[^.\s]$/, where)
      }
    }
  })

  it('has defaults that are of their own type', () => {
    const all = [
      ...table.values(),
      ...genericOptions,
      ...declarations.flatMap(({ options }) => options),
    ]
    for (const { name, attributes } of all) {
      for (const [attribute, declaration] of Object.entries(attributes)) {
        if (declaration.default === undefined) continue
        assert.equal(faultOf(declaration.default, declaration), null, `${name}/@${attribute}`)
      }
    }
  })

  it('names parents in which its elements may stand', () => {
    for (const { name, parents } of table.values()) {
      for (const parent of parents) {
        assert.ok(table.get(parent)?.compiled?.names.includes(name), `<${name}> in <${parent}>`)
      }
    }
  })
})

describe('the table of options', () => {
  it('has those of Tsung and ours', () => {
    const known =
      'bosh_path connect_timeout file_server global_ack_timeout global_number hibernate idle_timeout ip_bind_address_no_port ip_transparent job_notify_port local_file_server max_retries max_ssh_startup_per_core ports_range rate_limit retry_timeout seed ssl_ciphers ssl_disable_sni ssl_reuse_sessions ssl_verify ssl_versions tcp_rcv_buffer tcp_reuseaddr tcp_reuseport tcp_snd_buffer tcp_timeout thinktime udp_rcv_buffer udp_snd_buffer websocket_frame websocket_origin websocket_path websocket_subprotocols'
    assert.equal(
      genericOptions
        .map(({ name }) => name)
        .sort()
        .join(' '),
      known,
    )
  })

  const typed: readonly (readonly [string, string])[] = [
    ['ts_http', 'http2_users_per_connection http_use_server_as_proxy http_version user_agent'],
    [
      'ts_jabber',
      'domain fileid_delimiter global_number muc_service offline_from_fileid passwd pubsub_service random_from_fileid userid_max username vhost_file',
    ],
    ['ts_amqp', 'heartbeat password username'],
    ['ts_pgsql', ''],
  ]
  for (const [type, known] of typed) {
    it(`has those of ${type}`, () => {
      const plugin = declarations.find((each) => each.type === type)
      assert.equal(
        plugin?.options
          .map(({ name }) => name)
          .sort()
          .join(' '),
        known,
      )
    })
  }
})

describe('the registry of protocols', () => {
  it('has every session type of Tsung once', () => {
    const types = declarations.map(({ type }) => type)
    assert.deepEqual([...new Set(types)], types)
    assert.deepEqual(
      [...types].sort(),
      [...wordsOf(table.get('session')!.attributes['type']!)!].sort(),
    )
    assert.equal(types.length, 13)
  })

  it('can play HTTP', () => {
    const played = declarations.filter(({ player }) => player !== undefined)
    assert.ok(played.some(({ type }) => type === 'ts_http'))
  })
})

/** Words that a value may be; undefined: anything of its type. */
function wordsOf({ type, values }: AttributeDeclaration): readonly string[] | undefined {
  if (type === 'boolean') return ['false', 'true']
  return type === 'enum' ? [...(values ?? [])].sort() : undefined
}
