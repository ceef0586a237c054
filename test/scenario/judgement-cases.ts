/** Scenarios of which Tsung's reader accepts some: each attribute with values of all kinds, and tables of what has a syntax. */
import { onePhase, type Parts, request } from './build.ts'

export interface Case {
  readonly group: string
  /** What tells it from others of the group. */
  readonly value: string
  readonly parts: Parts
}

/** Files that the scenarios name. */
export const files: { readonly [path: string]: string } = { 'data.csv': 'a;b\n' }

const fileServer = '<option name="file_server" id="f" value="data.csv"/>'

function asked(type: string, xml: string): Parts {
  return { type, session: `<request>${xml}</request>`, options: fileServer }
}

const option = (text: string): Parts => ({ options: `<option ${text}/>` })
const action = (session: string): Parts => ({ session, options: fileServer })

const plain: readonly Parts[] = [
  { root: 'loglevel="notice" dumptraffic="false" version="1.0" backend="text"' },
  {
    clients: '<client host="localhost" weight="1" maxusers="9" cpu="1" use_controller_vm="true"/>',
  },
  { servers: '<server host="127.0.0.1" port="80" type="tcp" weight="1"/>' },
  {
    loadAttributes: 'duration="10" unit="second" loop="1"',
    load: '<arrivalphase phase="1" duration="10" unit="second" wait_all_sessions_end="true"><session_setup name="s" probability="100"/><users arrivalrate="1" maxnumber="5" unit="second"/></arrivalphase><user session="s" start_time="3" unit="second"/>',
  },
  {
    monitoring:
      '<monitoring><monitor host="a" type="snmp"><snmp version="v2" community="c" port="1"><oid value="1.2" name="heap" type="sample"/></snmp></monitor></monitoring>',
  },
  option('name="thinktime" value="3" random="true" override="true"'),
  option('name="thinktime" min="1" max="3"'),
  option('name="rate_limit" value="5" max="6"'),
  option('name="ports_range" min="1025" max="2000" value="on"'),
  ...[
    'seed',
    'hibernate',
    'connect_timeout',
    'max_retries',
    'idle_timeout',
    'tcp_timeout',
    'global_number',
  ].map((name) => option(`name="${name}" value="1"`)),
  option('name="ssl_reuse_sessions" value="true"'),
  option('name="file_server" id="g" value="data.csv"'),
  option('type="ts_jabber" name="userid_max" value="3"'),
  {
    sessions: `<session name="s" probability="100" type="ts_http" persistent="true" bidi="false">${request}</session>`,
  },
  action('<set_option name="rate_limit" value="5" max="6"/>'),
  action('<request subst="true" tag="x"><http url="/"/></request>'),
  action(
    '<request><match do="loop" when="match" subst="false" name="n" sleep_loop="1" max_loop="2" loop_back="0" max_restart="1" skip_headers="http" apply_to_content="ts_digest:md5hex">ok</match><http url="/"/></request>',
  ),
  action(
    '<request><dyn_variable name="v" re="(a)" decode="html_entities"/><http url="/"/></request>',
  ),
  action('<request><dyn_variable name="v" header="a/b"/><http url="/"/></request>'),
  action('<request><dyn_variable name="v" jsonpath="a.b"/><http url="/"/></request>'),
  action(`<transaction name="t">${request}</transaction>`),
  action(`<for var="i" from="1" to="3" incr="1">${request}</for>`),
  action(`<foreach name="i" in="list" include="a">${request}</foreach>`),
  action(`<repeat name="r" max_repeat="3">${request}<while var="x" eq="3"/></repeat>`),
  action(`<if var="x" eq="3">${request}</if>`),
  action(
    '<change_type new_type="ts_http" host="a" port="1" server_type="tcp" store="true" bidi="true"/>',
  ),
  action('<interaction action="send" id="a"/>'),
  action('<abort type="all"/>'),
  ...[
    'random_number" start="1" end="3"',
    'random_string" length="3"',
    'file" fileid="f" order="iter" delimiter=";"',
    'value" value="3"',
    'jsonpath" from="x" jsonpath="a.b"',
    'erlang" callback="ts_user_server:get_unique_id"',
  ].map((source) => action(`<setdynvars sourcetype="${source}><var name="a"/></setdynvars>`)),
  asked('ts_http', '<http url="/" method="POST" version="1.1" contents="x" content_type="a"/>'),
  asked(
    'ts_http',
    '<http url="/"><soap action="a"/><www_authenticate userid="a" passwd="b" type="basic"/><add_cookie key="a" value="b"/><http_header name="a" value="b" encoding="base64"/></http>',
  ),
  asked('ts_raw', '<raw ack="local" data="x"/>'),
  asked('ts_raw', '<raw ack="local" datasize="3"/>'),
  asked('ts_pgsql', '<pgsql type="parse" name_prepared="p" parameters="1,2">q</pgsql>'),
  asked('ts_pgsql', '<pgsql type="bind" name_portal="p" formats="text" parameters="1"/>'),
  asked('ts_pgsql', '<pgsql type="execute" max_rows="3"/>'),
  asked('ts_mysql', '<mysql type="authenticate" database="a" username="b" password="c"/>'),
  asked(
    'ts_ldap',
    '<ldap type="search" base="b" scope="wholeSubtree" filter="(a=b)" result_var="x"/>',
  ),
  asked('ts_websocket', '<websocket type="message" frame="text" ack="parse">x</websocket>'),
  asked('ts_fs', '<fs cmd="write" path="/a" size="3" mode="write"/>'),
  asked('ts_shell', '<shell cmd="ls" args="a"/>'),
  asked(
    'ts_amqp',
    '<amqp type="basic.publish" channel="1" exchange="e" payload_size="3" persistent="true"/>',
  ),
  asked(
    'ts_mqtt',
    '<mqtt type="connect" clean_start="true" keepalive="10" will_qos="1" will_retain="true"/>',
  ),
  asked(
    'ts_jabber',
    '<jabber type="chat" ack="no_ack" destination="random" size="3" version="1"/>',
  ),
  { load: `${onePhase}<user session="s" start_time="3" unit="second"/>` },
]

const values = [
  '',
  '1',
  '0',
  '-1',
  '1.5',
  '.5',
  '1e3',
  ' 1 ',
  'a',
  'A',
  'a b',
  'a.b',
  "'a.b'",
  'true',
  '%%_x%%',
  '(',
  'a:b',
  'é',
  '99999999999999999999',
  'if',
  '/',
  'infinity',
  'no',
] as const

/** The parts as they are, without one of their attributes, and with it as anything. */
function attributeCases(parts: Parts): readonly Case[] {
  const cases: Case[] = [{ group: 'bases', value: nameOf(parts), parts }]
  for (const [key, text] of Object.entries(parts) as [keyof Parts, string][]) {
    if (key === 'type' || (key === 'options' && text === fileServer)) continue
    // The attributes of the root and of load stand alone.
    const whole = ` ${text}`
    for (const { index, 0: found } of whole.matchAll(/ \w+="[^"]*"/g)) {
      const name = found.slice(1, found.indexOf('='))
      const element = /.*<(\w+)/s.exec(whole.slice(0, index))?.[1] ?? key
      const put = (attribute: string): Parts => ({
        ...parts,
        [key]: (whole.slice(0, index) + attribute + whole.slice(index + found.length)).slice(1),
      })
      const group = `${element}@${name} in ${nameOf(parts)}`
      cases.push({ group, value: 'none', parts: put('') })
      for (const value of values) {
        cases.push({ group, value: `"${value}"`, parts: put(` ${name}="${value}"`) })
      }
    }
  }
  return cases
}

/** What tells the parts from those of other cases. */
function nameOf({ type, options, ...parts }: Parts): string {
  const text = [options === fileServer ? '' : options, ...Object.values(parts)].join('')
  const short = text
    .replace(/<request><(http url="\/"\/><)?/g, '<')
    .replace(/<http url="\/"\/>|<\/?[a-z_]+>/g, '')
  return short.slice(0, 48)
}

const quoted = (text: string): string =>
  `"${text.replace(/[&<"]/g, (sign) => `&#${sign.charCodeAt(0)};`)}"`

const urls =
  'x x/y ?a=1 //a/b http://a http://a:80/ http://a:/ http://a:x/ http://a:99999/ http://[::1]:80/ http://[::1]:x/ http://::1/ http://a?b http://a:80?b http:// http:/a http:a httpx https://a:x/ HTTP://a/ ftp://a/ mailto:a a:b a:1 /a:b /a?x=http://b/ a?x=http://b/ http://u:p@a/ http://u@a/ /a% # * ../a www.a.b:80/x localhost:80 http://a:80:80/ http://a:+80/ http://a:0/'.split(
    ' ',
  )
const openUrls =
  '%%_x%% %%_x%%/a http://%%_x%%/ http://a:%%_p%%/ http://%%_h%%:%%_p%%/ http%%_x%% /%%a:b%%'.split(
    ' ',
  )
const paths = [
  '//a',
  '/html/body',
  '//',
  '//a[',
  '//a]',
  '//a[]',
  '//a(',
  '//a[@b="c" and @d]',
  '//a | //b',
  'count(//a)',
  '//a[b > 3]',
  'id("x")',
  '//a[1]/text()',
  "string(//a[@b='c']/@d)",
  '1 +',
  '(',
  '//a[@b=%%_x%%]',
  '//a[last()-1]',
]
const filters =
  '(a=b) (&(a=b)(c=*)) (|(a=b)) (!(a=b)) (!(a=b)(c=d)) (&) (a=*b*) (a=) (=b) (a>=1) (a~=1) (a>1) (a:=b) (:2.4.6:=b) (a=b a=b) ((a=b)) (a=b)(c=d) (a=\\2a) (a=\\zz) (a=(b)) (a=b=c) (a=b,c) (a=b&c) (a=**) (a=***) () (a) (*=a) (a*=b) (a~=b*c) (a>=) (&(a=b)c) (a:dn:2.4:=b) (a=<b>)'.split(
    ' ',
  )
const expressions = [
  '(a)',
  '(',
  ')',
  '[',
  'a)',
  '(?i)a',
  'a++',
  '(?<=a)b',
  '(?<=a*)b',
  '*',
  'a{2,1}',
  '\\',
  '(?P<n>a)(?P=n)',
  '(?:a',
  '[[:alpha:]]',
  '[b-a]',
  '\\Q(\\E',
  '(?#',
  '(?R)',
  '\\1',
  '(a)\\2',
]

function table(
  group: string,
  texts: readonly string[],
  partsOf: (text: string) => Parts,
): readonly Case[] {
  return texts.map((value) => ({ group, value, parts: partsOf(value) }))
}

const answered = (check: string): Parts => asked('ts_http', `${check}<http url="/"/>`)
const urlIn = (url: string): string => `<request><http url=${quoted(url)}/></request>`

const syntax: readonly Case[] = [
  ...table('the first URL', urls, (url) => action(urlIn(url))),
  ...table('a URL after a path', urls, (url) => action(request + urlIn(url))),
  ...table('a URL after a URL', urls, (url) => action(urlIn('http://z/') + urlIn(url))),
  ...table('a URL with markers', openUrls, (url) =>
    action(urlIn(url).replace('<request>', '<request subst="true">')),
  ),
  ...table('dyn_variable xpath', paths, (path) =>
    answered(`<dyn_variable name="v" xpath=${quoted(path)}/>`),
  ),
  ...table('dyn_variable re', expressions, (re) =>
    answered(`<dyn_variable name="v" re=${quoted(re)}/>`),
  ),
  ...table('match', expressions, (re) => answered(`<match>${re}</match>`)),
  ...table('foreach exclude', expressions, (re) =>
    action(`<foreach name="i" in="l" exclude=${quoted(re)}/>`),
  ),
  ...table('ldap filter', filters, (filter) =>
    asked('ts_ldap', `<ldap type="search" filter=${quoted(filter)}/>`),
  ),
]

const test = '<while var="x" eq="1"/>'
const contents = [
  '',
  request,
  test,
  test + request,
  test + test,
  request + test + request,
  '<while var="x"/>',
  `<while var="x"/>${test}`,
  '<while var="x" eq="1" neq="2"/>',
  `${test}<!-- c -->`,
  `<if var="x" eq="1">${test}</if>`,
] as const
const sources = [
  '',
  'callback="a"',
  'callback="a:b:c"',
  'callback=""',
  'fileid="g"',
  'fileid="f"',
  'start="x"',
  'length="x"',
  'from="A" jsonpath="a"',
  'code=""',
] as const
const sourceTypes = [
  'random_number',
  'file',
  'value',
  'server',
  'jsonpath',
  'erlang',
  'eval',
] as const
const thinkTimes = [
  'value="1"',
  'value="0"',
  'min="2" max="1"',
  'min="1" max="1"',
  'value="1" min="1" max="2"',
  'value="x"',
  'min="1"',
  'value="wait_global"',
] as const
const postgres = [
  'connect',
  'sql',
  'close',
  'parse',
  'copy',
  'copydone',
  'copyfail',
  'cancel',
] as const

const structures: readonly Case[] = [
  ...['repeat name="r"', 'if var="x" eq="1"', 'transaction name="t"'].flatMap((tag) =>
    table(`content of ${tag}`, contents, (content) =>
      action(`<${tag}>${content}</${tag.replace(/ .*/, '')}>`),
    ),
  ),
  ...sourceTypes.flatMap((type) =>
    table(`setdynvars ${type}`, sources, (source) =>
      action(`<setdynvars sourcetype="${type}" ${source}><var name="a"/></setdynvars>`),
    ),
  ),
  ...['retry_timeout', 'connect_timeout', 'rate_limit', 'certificate', 'nosuch'].flatMap((name) =>
    table(
      `set_option ${name}`,
      ['/>', ' value="1" max="x"/>', ' value="1"><certificate/></set_option>'],
      (rest) => action(`<set_option name="${name}"${rest}`),
    ),
  ),
  ...['value="3"', 'min="1" max="2"', 'value="3" override="true"'].flatMap((byDefault) =>
    table(`thinktime where the option is ${byDefault}`, thinkTimes, (own) => ({
      session: `<thinktime ${own}/>`,
      options: `<option name="thinktime" ${byDefault}/>`,
    })),
  ),
  ...postgres.flatMap((type) =>
    table(`pgsql ${type}`, ['', 'x', '1,2', '1, 2', '256'], (text) =>
      asked('ts_pgsql', `<pgsql type="${type}">${text}</pgsql>`),
    ),
  ),
  ...table(
    'two extractors',
    [
      're="a" xpath="//a"',
      're="a" regexp="b"',
      'header="a" jsonpath="b"',
      'xpath="//a" jsonpath="b"',
    ],
    (two) => answered(`<dyn_variable name="v" ${two}/>`),
  ),
]

export const cases: readonly Case[] = [...plain.flatMap(attributeCases), ...syntax, ...structures]
