/** What `tsts try` and the process that plays its user tell each other, one JSON object a line. */

/** After the launcher's own `setup` message. */
export interface TryCommand {
  readonly type: 'try'
  /** Index of the session. */
  readonly session: number
  readonly user: number
}

/** One thing the user did. `atMs` counts from its start; bytes are latin1 text. */
export type TraceLine = { readonly atMs: number } & (
  | { readonly type: 'step'; readonly line: number; readonly action: string }
  | { readonly type: 'think'; readonly ms: number }
  | { readonly type: 'connect'; readonly host: string; readonly port: number; readonly ms: number }
  | { readonly type: 'sent' | 'received'; readonly bytes: string }
  | { readonly type: 'answered'; readonly ms: number }
  | { readonly type: 'count'; readonly name: string; readonly value: number }
  | { readonly type: 'error'; readonly name: string; readonly detail: string }
  | { readonly type: 'failed'; readonly text: string }
  | { readonly type: 'end' }
)
