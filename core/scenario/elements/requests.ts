/** Sessions, requests and what is looked for in answers. */
import type { ElementDeclaration } from '../declaration.ts'
import { anywhere } from './places.ts'

/**
 * @param sessionTypes what plugins there are, e.g. `ts_http`
 * @param requestElements what may stand in a request, e.g. `http`
 */
export function requestElements(
  sessionTypes: readonly string[],
  requestElements: readonly string[],
): readonly ElementDeclaration[] {
  return [
    {
      name: 'sessions',
      parents: ['tsung'],
      content: 'elements',
      model: '(session+)',
      doc: 'what users do',
      attributes: {},
    },
    sessionElement(sessionTypes),
    {
      name: 'request',
      parents: anywhere,
      content: 'elements',
      model: `(match*, dyn_variable*, (${requestElements.join(' | ')})?)`,
      doc: 'asks the server, and waits for its answer',
      attributes: {
        subst: {
          type: 'enum',
          values: ['true', 'false', 'all_except_body'],
          default: 'false',
          doc: 'whether %%_variables%% are replaced in it',
        },
        tag: {
          type: 'string',
          token: true,
          default: '',
          doc: 'requests can be left out by their tag (tsts run -x TAG)',
        },
      },
    },
    matchElement,
    dynVariableElement,
  ]
}

function sessionElement(types: readonly string[]): ElementDeclaration {
  return {
    name: 'session',
    parents: ['sessions'],
    content: 'elements',
    model:
      '(request | thinktime | pace | transaction | setdynvars | count | sum | for | repeat | if | change_type | foreach | set_option | interaction | abort)*',
    doc: 'what a user does, from its start to its end',
    attributes: {
      name: { type: 'string', required: true, doc: 'its name, for session_setup and user' },
      type: { type: 'enum', required: true, values: types, doc: 'the protocol of its requests' },
      probability: { type: 'number', unit: '%', doc: 'its share of the users; all make 100' },
      weight: { type: 'number', doc: 'instead of probability; any total' },
      persistent: {
        type: 'boolean',
        default: 'true',
        doc: 'connect again when the server has closed the connection; false: the user ends',
      },
      bidi: {
        type: 'boolean',
        anyWord: true,
        doc: 'the protocol may answer what comes while the user thinks; true for ts_websocket and ts_mqtt, else false',
      },
    },
  }
}

const matchElement: ElementDeclaration = {
  name: 'match',
  parents: ['request'],
  content: 'text',
  doc: 'does something when the answer has, or has not, what the regular expression describes',
  attributes: {
    do: {
      type: 'enum',
      values: ['continue', 'loop', 'abort', 'restart', 'log', 'dump', 'abort_test'],
      default: 'continue',
      doc: 'what is done',
    },
    when: { type: 'enum', values: ['match', 'nomatch'], default: 'match', doc: 'when it is done' },
    subst: {
      type: 'boolean',
      default: 'false',
      doc: 'whether %%_variables%% are replaced in the expression',
    },
    name: { type: 'string', token: true, default: '-', since: '1.5.0', doc: 'told in match.log' },
    sleep_loop: { type: 'integer', unit: 's', default: '5', doc: 'do="loop": wait before it' },
    max_loop: { type: 'integer', default: '20', doc: 'do="loop": how often, at most' },
    loop_back: { type: 'integer', default: '0', doc: 'do="loop": how many actions back' },
    max_restart: { type: 'integer', default: '3', doc: 'do="restart": how often, at most' },
    skip_headers: {
      type: 'identifier',
      token: true,
      default: 'no',
      doc: 'http: look at the body alone',
    },
    apply_to_content: {
      type: 'string',
      token: true,
      doc: 'module:function that is applied to the answer first',
    },
  },
}

const dynVariableElement: ElementDeclaration = {
  name: 'dyn_variable',
  parents: ['request'],
  content: 'empty',
  doc: 'keeps a part of the answer in a variable; without an extractor: a form field of that name',
  attributes: {
    name: { type: 'string', required: true, doc: 'the variable' },
    re: { type: 'regexp', doc: 'extractor: the first group of this expression' },
    xpath: { type: 'string', substitutable: true, doc: 'extractor: XPath over HTML or XML' },
    jsonpath: { type: 'string', substitutable: true, doc: 'extractor: JSONPath' },
    header: { type: 'string', doc: 'extractor: a header, or name/parameter' },
    pgsql_expr: { type: 'string', doc: 'extractor: e.g. data_row[1][2]' },
    regexp: { type: 'regexp', doc: 'extractor: the same as re; Tsung ignores it' },
    decode: {
      type: 'enum',
      values: ['html_entities', 'false'],
      default: 'false',
      doc: 'what is decoded in the result of re',
    },
  },
}
