import type { ElementDeclaration, OptionDeclaration } from '../api.ts'

/** Methods that `ts_http` plays; the others belong to `ts_webdav`. */
export const bodyMethods: readonly string[] = ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE']
export const bodilessMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']
const webdavMethods: readonly string[] = [
  'PROPFIND',
  'PROPPATCH',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'MKCOL',
  'MKACTIVITY',
  'REPORT',
  'VERSION-CONTROL',
  'MERGE',
  'CHECKOUT',
]

export const defaultContentType = 'application/x-www-form-urlencoded'

/** Source: reference tsung-protocols.md, 3.1 and 3.2; tsung-elements.json. */
export const httpElements: readonly ElementDeclaration[] = [
  {
    name: 'http',
    parents: ['request'],
    content: 'elements',
    model: '(oauth?, www_authenticate?, soap?, http_header*, add_cookie*)',
    doc: 'one HTTP request; the connection is kept and used again',
    attributes: {
      url: {
        type: 'string',
        required: true,
        substitutable: true,
        doc: 'a path, or an absolute URL, which later paths stay on; spaces become %20',
      },
      method: {
        type: 'enum',
        values: [...bodilessMethods, ...bodyMethods, ...webdavMethods],
        default: 'GET',
        doc: 'the methods of WebDAV need a session of type ts_webdav',
      },
      version: { type: 'enum', values: ['1.0', '1.1'], default: '1.1', doc: 'of the request line' },
      contents: {
        type: 'string',
        substitutable: true,
        doc: `the body; sent with ${bodyMethods.join(', ')}`,
      },
      contents_from_file: {
        type: 'path',
        doc: 'a file with the body, read once before the start; wins over contents; variables in it are replaced',
      },
      content_type: {
        type: 'string',
        default: defaultContentType,
        substitutable: true,
        doc: 'Content-Type of a body',
      },
      if_modified_since: {
        type: 'string',
        doc: `sent with ${bodilessMethods.join(', ')} only`,
      },
    },
  },
  {
    name: 'http_header',
    parents: ['http', 'websocket'],
    content: 'empty',
    doc: 'a header; host, user-agent, content-type and content-length replace the generated one',
    attributes: {
      name: { type: 'string', required: true, doc: 'sent as written' },
      value: { type: 'string', default: '', substitutable: true, doc: 'its value' },
      encoding: { type: 'string', doc: '`base64`: the value is sent encoded' },
    },
  },
  {
    name: 'add_cookie',
    parents: ['http'],
    content: 'empty',
    doc: 'a cookie sent with this request only, after those of the user',
    attributes: {
      key: { type: 'string', required: true, doc: 'its name' },
      value: { type: 'string', required: true, substitutable: true, doc: 'its value' },
      path: { type: 'string', default: '/', doc: 'sent only where the URL begins with it' },
      domain: { type: 'string', default: '.', doc: 'sent only to this domain; `.`: to every one' },
    },
  },
  {
    name: 'soap',
    parents: ['http'],
    content: 'empty',
    doc: 'makes the request a SOAP call',
    attributes: { action: { type: 'string', required: true, doc: 'the SOAPAction header' } },
  },
  {
    name: 'www_authenticate',
    parents: ['http'],
    content: 'empty',
    doc: 'HTTP authentication, sent without being asked for',
    attributes: {
      userid: { type: 'string', required: true, substitutable: true, doc: 'the user' },
      passwd: { type: 'string', required: true, substitutable: true, doc: 'the password' },
      type: { type: 'enum', values: ['basic', 'digest'], default: 'basic', doc: 'the scheme' },
      realm: { type: 'string', substitutable: true, doc: 'digest: of the challenge; needed' },
      nonce: { type: 'string', substitutable: true, doc: 'digest: of the challenge; needed' },
      opaque: { type: 'string', substitutable: true, doc: 'digest: of the challenge' },
      qop: { type: 'string', substitutable: true, doc: 'digest: of the challenge' },
      cnonce: {
        type: 'string',
        substitutable: true,
        doc: "digest: the client's own nonce; left out: a new one for each request",
      },
      nc: {
        type: 'string',
        substitutable: true,
        doc: 'digest: the count of uses of the nonce, eight hexadecimal digits; left out: it is counted',
      },
    },
  },
  {
    name: 'oauth',
    parents: ['http'],
    content: 'empty',
    doc: 'signs the request as OAuth 1.0a says',
    attributes: {
      consumer_key: { type: 'string', required: true, doc: 'of the application' },
      consumer_secret: {
        type: 'string',
        required: true,
        doc: 'of the application; with RSA-SHA1 the path of its private key (PEM)',
      },
      access_token: { type: 'string', substitutable: true, doc: 'of the user' },
      access_token_secret: { type: 'string', substitutable: true, doc: 'of the user' },
      method: {
        type: 'enum',
        values: ['HMAC-SHA1', 'PLAINTEXT', 'RSA-SHA1'],
        default: 'HMAC-SHA1',
        doc: 'how it is signed',
      },
    },
  },
  {
    name: 'user_agent',
    parents: ['option', 'set_option'],
    content: 'text',
    doc: 'one User-Agent among several; drawn once per user',
    attributes: {
      probability: {
        type: 'integer',
        required: true,
        unit: '%',
        min: 0,
        max: 100,
        doc: 'of being drawn; all of them add up to 100',
      },
    },
  },
]

export const httpOptions: readonly OptionDeclaration[] = [
  {
    name: 'user_agent',
    doc: 'the User-Agent header: a weighted list of <user_agent> elements; `tsung` when absent',
    attributes: {},
  },
  {
    name: 'http_use_server_as_proxy',
    doc: '<server> is an HTTP proxy: absolute URLs are asked of it; any value turns it on',
    attributes: { value: { type: 'string', doc: 'any value, even `false`, turns it on' } },
  },
  {
    name: 'http_version',
    doc: 'HTTP/2 instead of HTTP/1.1, for all requests (ours); what is sent and measured stays the same, docs/compatibility.md tells what differs',
    attributes: {
      value: {
        type: 'enum',
        values: ['1.1', '2', 'auto'],
        default: '1.1',
        since: 'tsts',
        doc: '`2`: over TCP without asking, over TLS by ALPN, or not at all; `auto`: over TLS where the server chooses it, else 1.1',
      },
    },
  },
  {
    name: 'http2_users_per_connection',
    doc: 'with HTTP/2: users of a launcher that share a connection, each request a stream (ours)',
    attributes: {
      value: {
        type: 'integer',
        min: 1,
        default: '1',
        since: 'tsts',
        doc: 'at most; 1: every user has a connection of its own. Users with a client certificate or another source address have their own too',
      },
    },
  },
]
