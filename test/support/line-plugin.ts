import { constantTemplate, type Template } from '../../core/dynvars/template.ts'
import type { Ack, RequestAction } from '../../core/scenario/model.ts'
import { type AnyPlugin, type DecodeSink, type Plugin, ProtocolError } from '../../plugins/api.ts'

/** A request of `linePlugin`. */
export function ask(
  text: string,
  ack: Ack = 'parse',
  rest: Partial<RequestAction> = {},
): RequestAction {
  const data = { text }
  return {
    type: 'request',
    plugin: 'ts_line',
    ack,
    subst: 'false',
    tag: '',
    extractions: [],
    matches: [],
    data,
    label: text,
    line: 1,
    ...rest,
  }
}

interface LineConnection {
  pending: boolean
  line: string
}

/**
 * A protocol small enough to see through: a request is a line, an answer is a line. An answer of `bye` closes, `bad`
 * breaks the protocol, `ping` asks for a `pong` and goes on.
 */
const line: Plugin<Template, null, LineConnection> = {
  declaration: {
    type: 'ts_line',
    requestElement: 'line',
    elements: [
      { name: 'line', parents: ['request'], content: 'text', attributes: {}, doc: 'a line' },
    ],
    player: { newParseState: () => null, parseOptions: () => null, parseRequest: () => null },
    options: [],
    counters: [],
    defaults: { persistent: true, bidi: false },
    transports: ['tcp'],
    doc: 'test protocol',
  },
  compile: (data, context) => {
    const { text } = data as { text: string }
    return context.subst === 'false' ? constantTemplate(text) : context.template(text)
  },
  newUser: () => null,
  newConnection: () => ({ pending: false, line: '' }),
  target: () => null,
  encode: (request, _user, connection, view) => {
    connection.pending = true
    return `${view.render(request)}\n`
  },
  decode: (bytes, connection, _user, sink: DecodeSink) => {
    if (!connection.pending) return 'unexpected'
    if (sink.wantsContent) sink.content(bytes)
    connection.line += Buffer.from(bytes).toString('latin1')
    const end = connection.line.indexOf('\n')
    if (end < 0) return 'more'
    const answer = connection.line.slice(0, end)
    connection.line = connection.line.slice(end + 1)
    if (answer === 'bad') throw new ProtocolError('error_line_bad', 'a bad line')
    if (answer === 'ping') {
      sink.reply('pong\n')
      return 'more'
    }
    connection.pending = false
    sink.count('line_answers')
    return answer === 'bye' ? 'close' : 'done'
  },
  end: () => 'more',
}

export const linePlugin: AnyPlugin = line as AnyPlugin
