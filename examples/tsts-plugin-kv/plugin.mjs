/**
 * kv, a store of keys and values. A client logs in, then asks; a value is a binary frame behind its line.
 *
 *     LOGIN name password   -> OK | NO reason
 *     GET key               -> DATA size, value | NONE
 *     PUT key size, value   -> OK | NO reason
 *     WATCH key             -> OK, and at any time later: PUSH key size, value
 */
import { definePlugin, fromBytes, ProtocolError, toBytes } from 'tsts/plugin'

const maxLine = 1000
const maxValue = 1024 * 1024

export const plugin = definePlugin({
  apiVersion: 1,
  type: 'ts_kv',
  doc: 'a store of keys and values',
  elements: [
    {
      name: 'kv',
      doc: 'asks the store',
      attributes: {
        command: { type: 'enum', values: ['get', 'put', 'watch'], required: true, doc: 'verb' },
        key: { type: 'string', required: true, substitutable: true, doc: 'the key' },
        value: { type: 'string', default: '', substitutable: true, doc: 'put: what is stored' },
      },
    },
  ],
  options: [
    {
      name: 'kv_password',
      doc: 'of all users',
      attributes: { value: { type: 'string', default: 'secret', doc: 'the password' } },
    },
  ],
  counters: [
    { name: 'kv_pushed', kind: 'count', isError: false, doc: 'values that came unasked' },
    { name: 'kv_bytes', kind: 'sum', isError: false, doc: 'bytes of values that were read' },
    { name: 'error_kv_login', kind: 'count', isError: true, doc: 'a login was refused' },
    { name: 'error_kv_refused', kind: 'count', isError: true, doc: 'a request was refused' },
    { name: 'error_kv_protocol', kind: 'count', isError: true, doc: 'what came is no kv' },
  ],

  newUser: (view, options) => ({ login: `LOGIN user${view.id} ${options.kv_password}\n` }),
  newConnection: () => ({ state: 'new', request: '', rest: '' }),

  encode(request, user, connection, view) {
    const key = view.render(request.key)
    const value = view.render(request.value)
    const command = request.command.toUpperCase()
    connection.request =
      command === 'PUT' ? `PUT ${key} ${value.length}\n${value}` : `${command} ${key}\n`
    const isNew = connection.state === 'new'
    connection.state = isNew ? 'login' : 'asking'
    return isNew ? user.login : connection.request
  },

  decode(bytes, connection, _user, sink) {
    let progress = /** @type {import('tsts/plugin').Progress} */ ('more')
    connection.rest += fromBytes(bytes)
    for (let message = take(connection); message !== null; message = take(connection)) {
      const { word, text, value } = message
      const { state } = connection
      if (word === 'PUSH') {
        sink.count('kv_pushed')
        sink.goOn()
      } else if (state === 'login' && word === 'OK') {
        connection.state = 'asking'
        sink.reply(connection.request)
      } else if (state === 'login' && word === 'NO') {
        connection.state = 'new'
        progress = sink.fail('error_kv_login', text)
      } else if (state === 'asking') {
        connection.state = 'ready'
        if (word === 'DATA') sink.add('kv_bytes', value.length)
        if (word === 'DATA' && sink.wantsContent) sink.content(toBytes(value))
        progress = word === 'NO' ? sink.fail('error_kv_refused', text) : 'done'
      } else return 'unexpected'
    }
    return progress
  },
})

/** The next whole message; null: it has not come yet. @param {{ rest: string }} connection */
function take(connection) {
  const { rest } = connection
  const end = rest.indexOf('\n')
  if (end < 0 && rest.length <= maxLine) return null
  const [word = '', ...words] = rest.slice(0, Math.max(0, end)).split(' ')
  const size = word === 'DATA' || word === 'PUSH' ? Number(words.at(-1)) : 0
  if (!/^(OK|NO|NONE|DATA|PUSH)$/.test(word) || !(size >= 0 && size <= maxValue)) {
    throw new ProtocolError('error_kv_protocol', `no line of kv: ${word}`)
  }
  const to = end + 1 + size
  if (rest.length < to) return null
  connection.rest = rest.slice(to)
  return { word, text: words.join(' '), value: rest.slice(end + 1, to) }
}
