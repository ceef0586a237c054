import type { ConformanceFixture } from '../../plugins/conformance.ts'
import {
  type DefinedPlugin,
  definePlugin,
  fromBytes,
  ProtocolError,
  type Template,
  toBytes,
} from '../../plugins/published.ts'

export interface BeatConnection {
  isAsking: boolean
  rest: string
  /** A beat that nobody has answered. */
  isBeating: boolean
}

export type BeatPlugin = DefinedPlugin<{ readonly text: Template }, null, BeatConnection>

/**
 * A protocol with everything that the suite looks at: `ASK text` is answered by `ANS text` or `ERR text`; `NEWS text` comes
 * at any time, and is answered by `SEEN`; a connection that is idle for a second says `BEAT` and wants `PULSE`.
 */
export const beat: BeatPlugin = definePlugin({
  apiVersion: 1,
  type: 'ts_beat',
  doc: 'questions, news and a heartbeat',
  elements: [
    {
      name: 'beat',
      doc: 'asks',
      attributes: { text: { type: 'string', required: true, substitutable: true, doc: 'what' } },
    },
  ],
  counters: [
    { name: 'beat_news', kind: 'count', isError: false, doc: 'news' },
    { name: 'beat_bytes', kind: 'sum', isError: false, doc: 'bytes of news' },
    { name: 'beat_length', kind: 'sample', isError: false, doc: 'length of an answer' },
    { name: 'error_beat_refused', kind: 'count', isError: true, doc: 'ERR' },
    { name: 'error_beat_dead', kind: 'count', isError: true, doc: 'no PULSE' },
    { name: 'error_beat_line', kind: 'count', isError: true, doc: 'a line that is none' },
  ],
  newConnection: (): BeatConnection => ({ isAsking: false, rest: '', isBeating: false }),
  encode(request, _user, connection, view, sink) {
    connection.isAsking = true
    sink.wakeAfter(1000)
    return `ASK ${view.render(request.text)}\n`
  },
  decode(bytes, connection, _user, sink) {
    connection.rest += fromBytes(bytes)
    let progress: 'more' | 'done' | 'failed' = 'more'
    for (;;) {
      const end = connection.rest.indexOf('\n')
      if (end < 0) break
      const line = connection.rest.slice(0, end)
      connection.rest = connection.rest.slice(end + 1)
      const text = line.slice(line.indexOf(' ') + 1)
      if (line === 'PULSE') {
        connection.isBeating = false
        sink.wakeAfter(1000)
      } else if (line.startsWith('NEWS ')) {
        sink.count('beat_news')
        sink.add('beat_bytes', text.length)
        sink.reply('SEEN\n')
        sink.goOn()
      } else if (connection.isAsking && line.startsWith('ANS ')) {
        connection.isAsking = false
        sink.sample('beat_length', text.length)
        if (sink.wantsContent) sink.content(toBytes(text))
        progress = 'done'
      } else if (connection.isAsking && line.startsWith('ERR ')) {
        connection.isAsking = false
        progress = sink.fail('error_beat_refused', text)
      } else throw new ProtocolError('error_beat_line', line.slice(0, 40))
    }
    return progress
  },
  wake(connection, _user, sink) {
    if (connection.isBeating) throw new ProtocolError('error_beat_dead', 'no pulse')
    connection.isBeating = true
    sink.reply('BEAT\n')
    sink.wakeAfter(5000)
    return 'more'
  },
})

export const beatFixture: ConformanceFixture = {
  name: 'an answer, then everything else',
  xml: '<beat text="a %%_b%%"/>',
  variables: { b: 'tea' },
  sent: 'ASK a tea\n',
  answer: 'ANS fine\n',
  progress: 'done',
  content: 'fine',
  counters: { beat_length: 1 },
  steps: [
    {
      type: 'push',
      bytes: 'NEWS one\nNEWS 22\n',
      progress: 'more',
      replies: 'SEEN\nSEEN\n',
      goesOn: true,
      counters: { beat_news: 2, beat_bytes: 5 },
    },
    { type: 'alarm', afterMs: 1000, progress: 'more', replies: 'BEAT\n', counters: {} },
    { type: 'push', bytes: 'PULSE\n', progress: 'more', replies: '', counters: {} },
    {
      type: 'request',
      xml: '<beat text="again"/>',
      sent: 'ASK again\n',
      answer: 'ERR no\n',
      progress: 'failed',
      failure: 'error_beat_refused',
      counters: {},
    },
  ],
}

/** What `checkAgain` looks at: it has no steps. */
export const plainFixture: ConformanceFixture = {
  name: 'an answer alone',
  data: { text: 'hello' },
  answer: 'ANS x\n',
  progress: 'done',
  counters: { beat_length: 1 },
}
