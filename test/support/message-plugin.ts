/**
 * Rooms, as lines: `sub ROOM` and `pub ROOM PAYLOAD` are answered by `ok`; what is published comes to everybody in the
 * room as `msg PAYLOAD`, at any time. It plays in the place of ts_raw: data of a request is `sub ROOM` or `pub ROOM`.
 */
import { constantTemplate } from '../../core/dynvars/template.ts'
import type { AnyPlugin, DecodeSink, Plugin, Template } from '../../plugins/api.ts'
import type { RawData } from '../../plugins/raw/data.ts'
import { rawDeclaration } from '../../plugins/raw/declaration.ts'

/** The sample of it. */
export const latency = 'room_latency'

interface RoomConnection {
  isPending: boolean
  rest: string
}

const rooms: Plugin<Template, null, RoomConnection> = {
  declaration: rawDeclaration,
  compile: (json, context) => {
    const data = json as unknown as RawData & { readonly type: 'data' }
    return context.subst === 'true' ? context.template(data.data) : constantTemplate(data.data)
  },
  newUser: () => null,
  newConnection: () => ({ isPending: false, rest: '' }),
  target: () => null,
  encode: (request, _user, connection, view, sink) => {
    const [verb, room] = view.render(request).split(' ') as [string, string]
    connection.isPending = true
    if (verb === 'pub') return `pub ${room} ${view.stamp(room)}hello\n`
    sink.joins()
    return `sub ${room}\n`
  },
  decode: (bytes, connection, _user, sink: DecodeSink) => {
    connection.rest += Buffer.from(bytes).toString('latin1')
    const lines = connection.rest.split('\n')
    connection.rest = lines.pop()!
    let isAnswered = false
    for (const line of lines) {
      if (line.startsWith('msg ')) sink.delivered(line.slice(4), latency)
      else if (line === 'ok') isAnswered = true
    }
    if (!isAnswered || !connection.isPending) return 'more'
    connection.isPending = false
    return 'done'
  },
  end: () => 'more',
}

export const roomPlugin: AnyPlugin = rooms as AnyPlugin
