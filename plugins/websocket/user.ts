import type { CompiledRegexp } from '../../core/regexp/translate.ts'
import type { UserView } from '../api.ts'
import { Backlog } from './backlog.ts'
import type { SessionNeeds } from './data.ts'
import type { Opening } from './encode-handshake.ts'

/** How a WebSocket is opened and kept. */
export interface Dialled extends Opening {
  /** 0: no pings of ours. */
  readonly keepaliveMs: number
  readonly needs: SessionNeeds
}

/** What WebSocket keeps of a virtual user. */
export class WebsocketUser {
  readonly view: UserView
  readonly random: () => number
  /** How its WebSocket was opened, for when the connection is lost; null: it was not, or it was closed. */
  opened: Dialled | null = null
  /** Of the attempt: what a `connect` asks for. */
  dialled: Dialled | null = null
  /** Of the attempt: what is sent. */
  payload = ''
  /** Of the attempt: the stream of its stamp. */
  stream = ''
  /** Of the attempt: which messages count; null: all. */
  filter: CompiledRegexp | null = null
  /** The text that `filter` was made of; null: it is one of the scenario's. */
  filterText: string | null = null
  #backlog: Backlog | null = null

  constructor(view: UserView) {
    this.view = view
    this.random = () => view.random()
  }

  get backlog(): Backlog {
    this.#backlog ??= new Backlog()
    return this.#backlog
  }
}
