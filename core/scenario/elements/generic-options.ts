/** Options that belong to no protocol. Source: reference tsung-core.md, 1.9. */
import type { AttributeDeclaration, OptionDeclaration } from '../declaration.ts'

export const genericOptions: readonly OptionDeclaration[] = [
  {
    name: 'thinktime',
    doc: 'the think time where <thinktime> has no value of its own; with override, all of them',
    attributes: {
      value: { type: 'number', unit: 's', default: '5', doc: 'how long' },
      random: {
        type: 'boolean',
        default: 'false',
        doc: 'value is the mean of an exponential distribution',
      },
      override: { type: 'boolean', default: 'false', doc: 'replaces every numeric think time' },
      min: { type: 'integer', unit: 's', doc: 'with max: drawn between the two, each as likely' },
      max: { type: 'integer', unit: 's', doc: 'more than min' },
    },
  },
  one('seed', { type: 'integer', doc: 'of all random numbers; without it, one is drawn and told' }),
  one('connect_timeout', milliseconds('how long a connect may take', 'no limit')),
  one('max_retries', {
    type: 'integer',
    default: '3',
    doc: 'how often a user tries to connect or send again, over its life; 0: never',
  }),
  one('retry_timeout', milliseconds('wait before another try, times its number', '10')),
  one('idle_timeout', milliseconds('how long a user waits while nothing comes', '600000')),
  one('tcp_timeout', {
    type: 'string',
    unit: 'ms',
    doc: 'old name of idle_timeout, which Tsung does not know any more',
  }),
  one('global_ack_timeout', milliseconds('how long a user waits for all others', 'no limit')),
  one('global_number', {
    type: 'integer',
    default: '100',
    doc: 'users that wait for each other with wait_global or ack="global"',
  }),
  {
    name: 'ports_range',
    doc: 'local ports that connections are made from, one after another',
    attributes: {
      min: { type: 'integer', default: '1025', doc: 'the first' },
      max: { type: 'integer', default: '65534', doc: 'the last' },
      value: { type: 'enum', values: ['on', 'off'], default: 'on', doc: 'whether it is used' },
    },
  },
  one('ssl_ciphers', { type: 'string', doc: 'what TLS may choose from, as OpenSSL writes it' }),
  one('ssl_versions', {
    type: 'string',
    doc: "the one version of TLS: 'tlsv1', 'tlsv1.1', 'tlsv1.2' or 'tlsv1.3', quoted as here",
  }),
  flag('ssl_reuse_sessions', 'take up TLS sessions again, from the second connection on', 'true'),
  flag('ssl_disable_sni', 'do not tell the server its name in TLS'),
  flag('ssl_verify', 'verify the certificate of the server (ours; Tsung never does)'),
  file('file_server', 'a file whose lines users read', 'one after another or any'),
  file('local_file_server', 'a file whose lines users read', 'any; a copy on each launcher'),
  {
    name: 'rate_limit',
    doc: 'how fast a user may receive',
    attributes: {
      value: { type: 'integer', unit: 'KiB/s', default: '512', doc: 'the rate' },
      max: { type: 'integer', unit: 'KiB', doc: 'how much may come at once; default: value' },
    },
  },
  one('hibernate', {
    type: 'integer',
    values: ['infinity'],
    unit: 's',
    default: '10',
    doc: 'think times from which Tsung saves memory; tsts has no need for it',
  }),
  one('tcp_rcv_buffer', bytes('receive buffer of TCP; cannot be set here')),
  one('tcp_snd_buffer', bytes('send buffer of TCP; cannot be set here')),
  one('udp_rcv_buffer', bytes('receive buffer of UDP; cannot be set here')),
  one('udp_snd_buffer', bytes('send buffer of UDP; cannot be set here')),
  flag('tcp_reuseaddr', 'SO_REUSEADDR; cannot be set here'),
  flag('tcp_reuseport', 'SO_REUSEPORT; cannot be set here'),
  flag('ip_transparent', 'IP_TRANSPARENT; cannot be set here', 'false', '1.7.0'),
  flag('ip_bind_address_no_port', 'IP_BIND_ADDRESS_NO_PORT; cannot be set here', 'false', '1.8.0'),
  one('max_ssh_startup_per_core', {
    type: 'integer',
    default: '20',
    doc: 'launchers that are started over ssh at the same time, for each core',
  }),
  one('job_notify_port', { type: 'integer', doc: 'port where batch jobs tell that they are done' }),
  one('websocket_path', {
    type: 'string',
    default: '/chat',
    doc: 'server type websocket: the path that is asked for',
  }),
  one('websocket_frame', {
    type: 'string',
    default: 'binary',
    doc: 'server type websocket: binary or text frames',
  }),
  one('websocket_subprotocols', {
    type: 'string',
    doc: 'server type websocket: Sec-WebSocket-Protocol',
  }),
  one('websocket_origin', {
    type: 'string',
    since: '1.8.0',
    doc: 'server types websocket and websocket_ssl: Origin',
  }),
  one('bosh_path', {
    type: 'string',
    default: '/http-bind/',
    doc: 'server type bosh: the path that is asked for',
  }),
]

function one(name: string, value: AttributeDeclaration): OptionDeclaration {
  return { name, doc: value.doc, attributes: { value } }
}

function flag(name: string, doc: string, byDefault = 'false', since?: string): OptionDeclaration {
  const value = { type: 'boolean', default: byDefault, doc } as const
  return one(name, since === undefined ? value : { ...value, since })
}

/** A default that is no number is told in the text alone. */
function milliseconds(doc: string, byDefault: string): AttributeDeclaration {
  return /^\d+$/.test(byDefault)
    ? { type: 'integer', unit: 'ms', default: byDefault, doc }
    : { type: 'integer', unit: 'ms', doc: `${doc}; without it, ${byDefault}` }
}

function bytes(doc: string): AttributeDeclaration {
  return { type: 'integer', unit: 'bytes', default: '32768', doc }
}

function file(name: string, doc: string, order: string): OptionDeclaration {
  return {
    name,
    doc: `${doc}, ${order}`,
    attributes: {
      value: { type: 'path', required: true, doc: 'the file, from the scenario’s folder' },
      id: { type: 'identifier', default: 'default', doc: 'its name in <setdynvars fileid=…>' },
    },
  }
}
