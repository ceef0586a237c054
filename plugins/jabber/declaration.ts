import type { AttributeDeclaration, OptionDeclaration, PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 1.7 and 6. */
export const jabberDeclaration: PluginDeclaration = {
  type: 'ts_jabber',
  requestElement: 'jabber',
  doc: 'XMPP',
  elements: [
    {
      name: 'jabber',
      parents: ['request'],
      content: 'elements',
      model: '(xmpp_authenticate?)',
      doc: 'sends a stanza, or a step of the login',
      attributes: {
        type: {
          type: 'string',
          token: true,
          required: true,
          doc: 'what is sent: connect, auth_sasl, presence:initial, chat, muc:join, raw, close …',
        },
        ack: {
          type: 'enum',
          required: true,
          values: ['global', 'local', 'no_ack', 'parse', 'bidi_ack'],
          doc: 'when it is answered',
        },
        ...messageAttributes(),
        ...groupAttributes(),
        ...streamAttributes(),
      },
    },
    {
      name: 'xmpp_authenticate',
      parents: ['jabber'],
      content: 'empty',
      doc: 'an account of its own, instead of a numbered one',
      attributes: {
        username: { type: 'string', required: true, substitutable: true, doc: 'the account' },
        passwd: { type: 'string', required: true, substitutable: true, doc: 'its password' },
      },
    },
  ],
  options: [
    option('username', 'accounts are called this and a number', { default: 'tsunguser' }),
    option('passwd', 'passwords are this and a number', { default: 'sesame' }),
    option('domain', 'the XMPP domain', { default: 'erlang-projects.org' }),
    option('vhost_file', 'file_server with a domain on each line', { type: 'identifier' }),
    option('global_number', 'users that wait for each other with ack="global"', {
      type: 'integer',
      default: '100',
    }),
    option('userid_max', 'accounts are numbered from 1 to this', {
      type: 'integer',
      default: '10000',
    }),
    option('muc_service', 'the service for rooms', {}),
    option('pubsub_service', 'the service for publishing', {}),
    option('random_from_fileid', 'file_server with accounts for destination="random"', {
      type: 'identifier',
    }),
    option('offline_from_fileid', 'file_server with accounts for destination="offline"', {
      type: 'identifier',
    }),
    option('fileid_delimiter', 'what stands between the fields of those files', { default: ';' }),
  ],
  counters: [
    { name: 'error_no_free_userid', kind: 'count', isError: true, doc: 'no account was free' },
    { name: 'error_no_online', kind: 'count', isError: true, doc: 'nobody was online' },
    { name: 'error_no_offline', kind: 'count', isError: true, doc: 'nobody was offline' },
    {
      name: 'error_no_previous',
      kind: 'count',
      isError: true,
      doc: 'there was no earlier destination',
    },
    {
      name: 'xmpp_msg_latency',
      kind: 'sample',
      isError: false,
      doc: 'ms from a stamped message to who gets it',
    },
    { name: 'xmpp_starttls', kind: 'sample', isError: false, doc: 'ms to go over to TLS' },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'ssl', 'bosh', 'bosh_ssl', 'websocket', 'websocket_ssl'],
}

type Attributes = { readonly [name: string]: AttributeDeclaration }

function messageAttributes(): Attributes {
  return {
    destination: {
      type: 'enum',
      values: ['online', 'offline', 'random', 'unique', 'previous'],
      default: 'random',
      doc: 'to whom',
    },
    size: { type: 'integer', default: '0', doc: 'characters of a message that is made up' },
    data: { type: 'string', substitutable: true, doc: 'the message, or for raw the stanza' },
    stamped: {
      type: 'boolean',
      default: 'false',
      doc: 'put the time into the message, so that its way is measured',
    },
    show: {
      type: 'enum',
      values: ['away', 'chat', 'dnd', 'xa'],
      default: 'chat',
      doc: 'of a presence',
    },
    status: { type: 'string', default: 'Available', doc: 'of a presence' },
    regexp: { type: 'string', doc: 'ack="parse": what the answer has to have' },
    id: { type: 'string', token: true, doc: 'ignored' },
    send_version: { type: 'boolean', default: 'false', doc: 'ignored' },
  }
}

function groupAttributes(): Attributes {
  return {
    room: { type: 'string', substitutable: true, doc: 'muc: the room' },
    nick: { type: 'string', substitutable: true, doc: 'muc: the name in it' },
    group: { type: 'string', default: 'Tsung Group', doc: 'roster: the group' },
    node: { type: 'string', substitutable: true, doc: 'pubsub: the node' },
    node_type: { type: 'string', doc: 'pubsub: its type' },
    subid: { type: 'string', doc: 'pubsub: the subscription' },
  }
}

function streamAttributes(): Attributes {
  return {
    resource: { type: 'string', default: 'tsung', substitutable: true, doc: 'the resource' },
    version: { type: 'string', default: '1.0', doc: 'connect: 1.0, legacy or websocket' },
    cacertfile: { type: 'path', doc: 'starttls: certificates of authorities' },
    keyfile: { type: 'path', doc: 'starttls: the private key' },
    keypass: { type: 'string', doc: 'starttls: the passphrase of the key' },
    certfile: { type: 'path', doc: 'starttls: the certificate' },
  }
}

function option(
  name: string,
  doc: string,
  value: Partial<AttributeDeclaration>,
): OptionDeclaration {
  return { name, doc, attributes: { value: { type: 'string', doc, ...value } } }
}
