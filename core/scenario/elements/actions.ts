/** What a session is made of besides requests. */
import type { AttributeDeclaration, ElementDeclaration } from '../declaration.ts'
import { anywhere } from './places.ts'

const nested =
  'request | thinktime | pace | transaction | setdynvars | count | sum | for | foreach | repeat | if'
const others = 'change_type | interaction | abort'

const comparison: { readonly [name: string]: AttributeDeclaration } = {
  eq: { type: 'string', substitutable: true, doc: 'the variable is this text' },
  neq: { type: 'string', substitutable: true, doc: 'the variable is not this text' },
  gt: { type: 'string', substitutable: true, doc: 'the variable is more than this number' },
  gte: {
    type: 'string',
    substitutable: true,
    since: '1.8.0',
    doc: 'the variable is at least this number',
  },
  lt: { type: 'string', substitutable: true, doc: 'the variable is less than this number' },
  lte: {
    type: 'string',
    substitutable: true,
    since: '1.8.0',
    doc: 'the variable is at most this number',
  },
}

/** @param sessionTypes what plugins there are, e.g. `ts_http` */
export function actionElements(sessionTypes: readonly string[]): readonly ElementDeclaration[] {
  return [
    thinktimeElement,
    {
      name: 'transaction',
      parents: ['session', 'for', 'foreach', 'repeat', 'if'],
      content: 'elements',
      model:
        '(request | setdynvars | count | sum | thinktime | pace | for | repeat | if | foreach | interaction | abort)*',
      doc: 'measures how long what it holds takes, think times included',
      attributes: {
        name: {
          type: 'identifier',
          prefix: 'tr_',
          token: true,
          required: true,
          doc: 'its name in the statistics, after tr_',
        },
      },
    },
    ...loopElements,
    ...conditionElements,
    {
      name: 'pace',
      parents: anywhere,
      content: 'empty',
      since: 'tsts',
      doc: 'the user waits for its turn: users that have been here take turns, evenly, at the <rate> of the phase',
      attributes: {},
    },
    changeTypeElement(sessionTypes),
    {
      name: 'interaction',
      parents: anywhere,
      content: 'empty',
      since: '1.5.0',
      doc: 'measures the time from a send by one user to a receive by another',
      attributes: {
        action: { type: 'enum', required: true, values: ['send', 'receive'], doc: 'begin or end' },
        id: {
          type: 'identifier',
          prefix: 'tr_',
          required: true,
          doc: 'its name in the statistics, after tr_',
        },
      },
    },
    {
      name: 'abort',
      parents: anywhere,
      content: 'empty',
      since: '1.7.0',
      doc: 'ends the user, or the whole test',
      attributes: {
        type: { type: 'enum', values: ['session', 'all'], default: 'session', doc: 'what ends' },
      },
    },
  ]
}

const thinktimeElement: ElementDeclaration = {
  name: 'thinktime',
  parents: anywhere,
  content: 'empty',
  doc: 'the user waits',
  attributes: {
    value: {
      type: 'string',
      unit: 's',
      substitutable: true,
      doc: 'how long, e.g. 2.5; wait_global: until all users are here; wait_bidi: until the server says so',
    },
    random: {
      type: 'boolean',
      default: 'false',
      doc: 'value is the mean of an exponential distribution',
    },
    min: {
      type: 'integer',
      unit: 's',
      substitutable: true,
      doc: 'with max: drawn between the two, each as likely',
    },
    max: { type: 'integer', unit: 's', substitutable: true, doc: 'more than min' },
  },
}

const loopElements: readonly ElementDeclaration[] = [
  {
    name: 'for',
    parents: anywhere,
    content: 'elements',
    model: `(${nested} | ${others})*`,
    since: '1.3.0',
    doc: 'repeats what it holds while a variable counts up; at least once',
    attributes: {
      var: { type: 'identifier', required: true, doc: 'the variable that counts' },
      from: { type: 'integer_or_variable', required: true, doc: 'where it begins' },
      to: { type: 'integer_or_variable', required: true, doc: 'where it ends, this one included' },
      incr: { type: 'integer', default: '1', doc: 'what is added after each time' },
    },
  },
  {
    name: 'foreach',
    parents: anywhere,
    content: 'elements',
    model: `(${nested} | ${others})*`,
    since: '1.4.0',
    doc: 'repeats what it holds for each item of a list',
    attributes: {
      name: { type: 'identifier', token: true, required: true, doc: 'the variable for the item' },
      in: { type: 'identifier', token: true, required: true, doc: 'the variable with the list' },
      include: { type: 'regexp', doc: 'only items that match' },
      exclude: { type: 'regexp', doc: 'no items that match' },
    },
  },
  {
    name: 'repeat',
    parents: anywhere,
    content: 'elements',
    model: `(${nested} | while | until | ${others})*`,
    since: '1.3.0',
    doc: 'repeats what it holds; its last element is while or until',
    attributes: {
      name: { type: 'string', token: true, required: true, doc: 'the variable that counts' },
      max_repeat: { type: 'integer', default: '20', doc: 'how often it is repeated, at most' },
    },
  },
  test('while', 'ends a repeat: once more if it holds'),
  test('until', 'ends a repeat: once more if it does not hold'),
]

/** Of use only with these values of `sourcetype`. */
function withSource(...values: readonly string[]): Pick<AttributeDeclaration, 'onlyWith'> {
  return { onlyWith: { attribute: 'sourcetype', values } }
}

const conditionElements: readonly ElementDeclaration[] = [
  {
    name: 'if',
    parents: anywhere,
    content: 'elements',
    model: `(${nested} | while | until | ${others})*`,
    since: '1.3.1',
    doc: 'what it holds is done if the comparison holds',
    attributes: {
      var: { type: 'string', required: true, doc: 'the variable that is compared' },
      ...comparison,
    },
  },
  {
    name: 'setdynvars',
    parents: anywhere,
    content: 'elements',
    model: '(var*)',
    since: '1.3.0',
    doc: 'gives values to variables',
    attributes: {
      sourcetype: {
        type: 'enum',
        required: true,
        values: [
          'random_string',
          'urandom_string',
          'random_number',
          'local_file',
          'file',
          'erlang',
          'eval',
          'jsonpath',
          'value',
          'server',
          // Ours.
          'js',
        ],
        doc: 'where the values come from',
      },
      start: {
        ...withSource('random_number'),
        type: 'integer',
        default: '1',
        doc: 'random_number: the lowest',
      },
      end: {
        ...withSource('random_number'),
        type: 'integer',
        default: '10',
        doc: 'random_number: the highest',
      },
      length: {
        ...withSource('random_string', 'urandom_string'),
        type: 'integer',
        default: '20',
        doc: 'random_string: characters',
      },
      fileid: {
        ...withSource('file', 'local_file'),
        type: 'identifier',
        doc: 'file: the id of the file_server',
      },
      order: {
        ...withSource('file'),
        type: 'enum',
        values: ['iter', 'random'],
        default: 'iter',
        doc: 'file: line after line, or any',
      },
      delimiter: {
        ...withSource('file', 'local_file'),
        type: 'string',
        default: ';',
        doc: 'file: what stands between two fields',
      },
      value: {
        ...withSource('value'),
        type: 'string',
        default: '',
        substitutable: true,
        doc: 'value: the value',
      },
      from: {
        ...withSource('jsonpath'),
        type: 'identifier',
        doc: 'jsonpath: the variable that is looked into',
      },
      jsonpath: {
        ...withSource('jsonpath'),
        type: 'string',
        substitutable: true,
        doc: 'jsonpath: what is looked for',
      },
      callback: {
        ...withSource('erlang', 'js'),
        type: 'string',
        doc: 'js (ours) and erlang: file:function, of file.mjs beside the scenario, or of Tsung',
      },
      code: { ...withSource('eval'), type: 'string', doc: 'eval: an Erlang function' },
    },
  },
  {
    name: 'var',
    parents: ['setdynvars'],
    content: 'text',
    doc: 'a variable that gets a value',
    attributes: { name: { type: 'identifier', required: true, doc: 'its name' } },
  },
  {
    name: 'count',
    parents: anywhere,
    content: 'empty',
    since: 'tsts',
    doc: 'adds one to a counter of the scenario’s own',
    attributes: {
      name: { type: 'string', token: true, required: true, doc: 'the counter is count.NAME' },
    },
  },
  {
    name: 'sum',
    parents: anywhere,
    content: 'empty',
    since: 'tsts',
    doc: 'adds a number to a counter of the scenario’s own',
    attributes: {
      name: { type: 'string', token: true, required: true, doc: 'the counter is sum.NAME' },
      var: { type: 'string', doc: 'the variable that holds the number' },
      value: { type: 'string', substitutable: true, doc: 'instead of var: the number' },
    },
  },
]

function test(name: string, doc: string): ElementDeclaration {
  return {
    name,
    parents: ['repeat', 'if'],
    content: 'empty',
    doc,
    attributes: {
      var: { type: 'identifier', required: true, doc: 'the variable that is compared' },
      ...comparison,
    },
  }
}

function changeTypeElement(sessionTypes: readonly string[]): ElementDeclaration {
  return {
    name: 'change_type',
    parents: ['session', 'for', 'foreach', 'repeat', 'if'],
    content: 'empty',
    since: '1.3.2',
    doc: 'goes on with another protocol and server',
    attributes: {
      new_type: { type: 'enum', required: true, values: sessionTypes, doc: 'the protocol' },
      host: { type: 'string', required: true, substitutable: true, doc: 'the server' },
      port: { type: 'string', required: true, substitutable: true, doc: 'its port' },
      server_type: {
        type: 'enum',
        required: true,
        values: [
          'tcp',
          'tcp6',
          'udp',
          'udp6',
          'ssl',
          'ssl6',
          'websocket',
          'websocket_ssl',
          'ws',
          'wss',
          'bosh',
          'bosh_ssl',
          'erlang',
        ],
        doc: 'how users connect',
      },
      store: { type: 'boolean', default: 'false', doc: 'keep the connection for later' },
      restore: { type: 'boolean', default: 'false', doc: 'take up the kept connection' },
      bidi: {
        type: 'boolean',
        default: 'false',
        doc: 'the protocol may answer what comes while the user thinks',
      },
    },
  }
}
