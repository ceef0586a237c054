/** Where tsts deliberately does not do what Tsung 1.7 was seen to do: nothing else may differ. */
import { answerTo } from './answers.ts'

/** What a session sends instead: changes to the requests of its last connection. */
export interface Edit {
  /** How many of Tsung's requests stay; null: all. */
  readonly keep: number | null
  /** What follows them. */
  readonly more: readonly string[]
}

/** Lines that tsts does not write, and those that it writes instead. */
export interface Exchange {
  readonly without: readonly string[]
  readonly with: readonly string[]
}

export interface Difference {
  readonly reason: string
  readonly edits?: { readonly [session: string]: Edit }
  /** Sessions whose requests name the server that they go to. */
  readonly ownHosts?: readonly string[]
  /** Added to Tsung's totals. Requests, status codes and sizes follow from `edits`. */
  readonly totals?: { readonly [name: string]: number }
  readonly matches?: Exchange
}

const uncounted = 'the header of a chunked answer, and its first size line, are not counted'

export const differences: { readonly [scenario: string]: readonly Difference[] } = {
  substitution: [
    {
      reason:
        'text behind %% that begins no marker gets lost; list[1] is an item, as the manual says',
      edits: {
        'subst-markers': {
          keep: 0,
          more: [
            post('/subst-markers/1', '100%% sure'),
            post('/subst-markers/2', 'one and 50%%'),
            post('/subst-markers/3', 'one %%_a'),
            post('/subst-markers/4', 'one end'),
            post('/subst-markers/5', '%one% end'),
            post('/subst-markers/6', '%%%% end'),
            post('/subst-markers/7', '%%a%% end'),
          ],
        },
      },
    },
    {
      reason: 'a number of JSON is written as in the answer, not with 20 decimals',
      edits: { 'subst-float': { keep: 1, more: [post('/subst-float/value', '1.5')] } },
    },
    {
      reason: 'a list of numbers crashes the user',
      edits: { 'subst-numbers': { keep: null, more: [post('/subst-numbers/value', '122333')] } },
      totals: { error_unknown: -1, page: 1 },
    },
    {
      reason: 'a path after a URL from a variable goes to that server with the Host of the first',
      ownHosts: ['subst-url'],
    },
    {
      reason: 'matches that did not hit are counted again with a later hit',
      totals: { nomatch: -1 },
    },
  ],
  dynvars: [
    {
      reason: 'markers in the value of setdynvars are not replaced',
      edits: {
        'dynvars-value': {
          keep: 1,
          more: [get('/dynvars-value/one/')],
        },
      },
    },
    {
      reason: 'jsonpath on a variable that is unknown, or no JSON, crashes the user',
      edits: {
        'dynvars-json-unknown': { keep: null, more: [get('/dynvars-json-unknown/undefined/')] },
        'dynvars-json-broken': { keep: null, more: [get('/dynvars-json-broken/undefined/')] },
      },
      totals: { error_unknown: -2, error_json_not_parsed: 2, error_json_unparsable: 2, page: 2 },
    },
    {
      reason: 'a tuple, which no variable can hold, is told',
      totals: { error_function: 1 },
    },
    {
      reason: 'the CR of a line that ends with CR and LF stays in the last field',
      edits: { 'file-4-crlf': { keep: 0, more: [post('/file-4-crlf/', '[first]')] } },
    },
  ],
  urls: [
    {
      reason: 'a path after a URL from a variable goes to that server with the Host of the first',
      ownHosts: [
        'url-begins',
        'url-contains',
        'url-host-inside',
        'url-inside',
        'url-inside-first',
        'url-inside-last',
        'url-path',
      ],
    },
  ],
  extraction: [
    {
      reason:
        'the first parameter of a header, or one of a name in capitals, is not found; a parameter that is missing leaves the variable (1.8)',
      edits: {
        header: {
          keep: 1,
          more: [
            post(
              '/header/',
              'location=/headers/say?moved;type=text/html; charset=ISO-8859-1; boundary="b";charset=ISO-8859-1;boundary=b;realm=the realm;nonce=dcd98b71;sid=abc123;path=/headers;next=nn;qop=auth;twice=second, first;length=7;absent=undefined;kept=old',
            ),
            get('/headers/say?moved', 'Cookie: sid=abc123'),
          ],
        },
      },
    },
    {
      reason:
        'JSON values that are missing in a part of a list, or objects in a list, crash the user',
      edits: {
        jsonpath: { keep: null, more: [post('/jsonpath/', 'partly=i1undefinedundefined')] },
        'jsonpath-odd': {
          keep: 1,
          more: [
            post(
              '/jsonpath-odd/',
              'dollar={"id":17,"name":"widget","price":1.5,"ok":true,"none":null,"empty":"","tags":["red","green","blue"],"numbers":[1,22,333],"store":{"book":[{"title":"One","author":"Ann","price":8,"isbn":"i1"},{"title":"Two","author":"Bob","price":12},{"title":"Three","author":"Ann","price":22}],"open":false},"nested":[[1,2],[3]],"utf8":"caf\u00c3\u00a9","a.b":"dotted"};nested=2;onscalar=;star=17',
            ),
            post(
              '/jsonpath-odd/',
              'objects={"title":"One","author":"Ann","price":8,"isbn":"i1"}{"title":"Two","author":"Bob","price":12}{"title":"Three","author":"Ann","price":22}',
            ),
          ],
        },
      },
      totals: { error_unknown: -2, page: 2 },
    },
    {
      reason: 'an index that counts from the end crashes the user',
      edits: { 'jsonpath-negative': { keep: null, more: [get('/jsonpath-negative/blue')] } },
      totals: { error_unknown: -1, page: 1, request: 1, size_rcv: answerSize('/x/json') },
    },
    {
      reason: 'markers in jsonpath are replaced since 1.8',
      edits: { 'jsonpath-subst': { keep: 1, more: [get('/jsonpath-subst/12/')] } },
    },
    {
      reason: 'xpath and jsonpath on one answer share a tree: what is no JSON is not told',
      edits: { mixed: { keep: 1, more: [post('/mixed/', 'text=Welcome;id=undefined;again=top')] } },
      totals: { error_json_not_parsed: 1, error_json_unparsable: 1 },
    },
    {
      reason: 'gzip without chunks, and deflate as browsers have it, crash the user',
      edits: {
        're-deflate': { keep: null, more: [get('/re-deflate/widget/')] },
        're-gzip': {
          keep: null,
          more: [get('/re-gzip/widget/gzip/'), get('/re-gzip/gzip'), get('/re-gzip/17/')],
        },
      },
      totals: {
        error_unknown: -2,
        page: 2,
        request: 2,
        size_rcv: answerSize('/x/gzip') + answerSize('/x/deflate'),
      },
    },
    {
      reason: uncounted,
      totals: { size_rcv: firstChunkSize('/x/chunked') + firstChunkSize('/x/chunked-gzip') },
    },
    {
      reason: 'the attribute regexp is ignored',
      edits: { regexp: { keep: 1, more: [post('/regexp/', 'csrf=42')] } },
    },
    {
      reason: 'an element as a value crashes the user; here it is its text',
      edits: { 'xpath-node': { keep: null, more: [post('/xpath-node/', 'node=Second')] } },
      totals: { error_unknown: -1, page: 1 },
    },
    {
      reason: 'a page without elements is counted since 1.8',
      totals: { error_xml_not_parsed: 2, error_xml_unparsable: 2 },
    },
  ],
  matches: [
    {
      reason: 'an expression that is none after substitution crashes the user',
      edits: { 'bad-pattern': { keep: null, more: [get('/bad-pattern/after')] } },
      totals: { error_unknown: -1, error_match_regexp: 1, nomatch: 1, page: 1 },
    },
    {
      reason: 'matches that did not hit are counted again with a later hit',
      totals: { match: -1, nomatch: -4 },
    },
    { reason: uncounted, totals: { size_rcv: firstChunkSize('/x/chunked') } },
  ],
  flow: [
    {
      reason: 'bounds of for that are no numbers crash the user after one pass',
      edits: {
        'for-text': { keep: null, more: [get('/for-text/after')] },
        'for-unknown': { keep: null, more: [get('/for-unknown/after')] },
      },
      totals: { error_unknown: -2, error_for: 2, page: 2 },
    },
    {
      reason:
        'foreach plays its body once for no element; the list that is no list crashes the user',
      edits: {
        'foreach-empty': { keep: 1, more: [get('/foreach-empty/after')] },
        'foreach-filtered': { keep: 1, more: [get('/foreach-filtered/after')] },
        'foreach-unknown': { keep: 0, more: [get('/foreach-unknown/after')] },
      },
      totals: { error_unknown: -2, page: -1 },
    },
    {
      reason: 'foreach takes a text for a list of the numbers of its characters',
      edits: {
        'foreach-text': {
          keep: 0,
          more: [get('/foreach-text/body/abc'), get('/foreach-text/after')],
        },
      },
      totals: { page: -2 },
    },
    {
      reason: 'name[2] in a condition is undefined, so that the body is always played',
      edits: {
        'if-item': { keep: 2, more: [get('/if-item/after')] },
      },
      totals: { error_if_undef: -2 },
    },
    {
      reason: 'repeat makes one pass more than max_repeat',
      edits: {
        'repeat-limit': {
          keep: 3,
          more: [get('/repeat-limit/after')],
        },
      },
      totals: { page: -1 },
    },
    {
      reason: 'an order of what is no number crashes the user',
      edits: { 'if-text-order': { keep: null, more: [get('/if-text-order/after')] } },
      totals: { error_unknown: -1, error_if_not_a_number: 1, connect: 1, page: 1 },
    },
    {
      reason: 'a page without elements is counted since 1.8',
      totals: { error_xml_not_parsed: 1, error_xml_unparsable: 1 },
    },
  ],
  random: [
    {
      reason: 'OAuth crashes the user on the Erlang of Debian 12',
      edits: {
        oauth: {
          keep: null,
          more: [
            get(
              '/oauth/signed',
              'Authorization: OAuth oauth_consumer_key="key", oauth_nonce=ok, oauth_signature_method="HMAC-SHA1", oauth_timestamp=ok, oauth_version="1.0", oauth_token="token", oauth_signature=ok',
            ),
            get('/oauth/after'),
          ],
        },
      },
      totals: { error_unknown: -1, page: 1 },
    },
  ],
  connections: [
    {
      reason: 'the second use of a nonce counts as its second, without which servers refuse it',
      edits: {
        digest: {
          keep: 6,
          more: [
            get(
              '/digest/digest',
              'Authorization: Digest username="ann", realm="r", nonce="n", uri="/digest/digest", response="e77687025624ff8a179dd1455dd94a09", qop="auth", nc=00000002, cnonce="c"',
            ),
          ],
        },
      },
    },
    {
      reason: 'a close while an answer is awaited counts as an answer',
      totals: { request: -1, error_closed_in_answer: 1 },
    },
  ],
  'abort-all': [
    {
      reason: 'what happened in the last half second is lost',
      totals: {
        '200': 1,
        finish_users_count: 2,
        page: 1,
        request: 1,
        session: 2,
        size_rcv: 40,
        size_sent: 73,
      },
    },
  ],
  'abort-test': [
    {
      reason: 'what happened in the last half second is lost',
      totals: { finish_users_count: 2, session: 2 },
      matches: { without: [], with: ['2 3 match_stop_test - over'] },
    },
  ],
}

/** Bytes of the answer to a request for a path. */
function answerSize(path: string): number {
  return answerTo(get(path), 0).bytes.length
}

function firstChunkSize(path: string): number {
  const { bytes } = answerTo(get(path), 0)
  return bytes.indexOf('\r\n', bytes.indexOf('\r\n\r\n') + 4) + 2
}

function head(): string {
  return 'HTTP/1.1\r\nHost: 127.0.0.1:PORT-A\r\nUser-Agent: tsung\r\n'
}

function get(url: string, header: string = ''): string {
  return `GET ${url} ${head()}${header === '' ? '' : `${header}\r\n`}\r\n`
}

function post(url: string, body: string): string {
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n'
  return `POST ${url} ${head()}${type}Content-Length: ${body.length}\r\n\r\n${body}`
}
