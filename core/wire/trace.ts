/** What `tsts try` and the process that plays its user tell each other, one JSON object a line. */
import type { Value } from '../dynvars/value.ts'

/** After the launcher's own `setup` message. */
export interface TryCommand {
  readonly type: 'try'
  /** Index of the session. */
  readonly session: number
  readonly user: number
  /** Variables it begins with (`--user-data`), byte strings by name. */
  readonly variables: { readonly [name: string]: string }
}

/** One thing the user did. `atMs` counts from its start; bytes are latin1 text. */
export type TraceLine = { readonly atMs: number } & (
  | { readonly type: 'step'; readonly line: number; readonly action: string }
  | { readonly type: 'think'; readonly ms: number }
  | { readonly type: 'connect'; readonly host: string; readonly port: number; readonly ms: number }
  | { readonly type: 'sent' | 'received'; readonly bytes: string }
  | { readonly type: 'answered'; readonly ms: number }
  | { readonly type: 'count'; readonly name: string; readonly value: number }
  /** A variable was set; null: it has no value any more. */
  | { readonly type: 'variable'; readonly name: string; readonly value: Value | null }
  /** Where the session goes on, in words: a loop's next pass, a branch that is taken or not. */
  | { readonly type: 'branch'; readonly text: string }
  /** `<dyn_variable>` of that line of the scenario; null: the answer has no such thing. */
  | {
      readonly type: 'extracted'
      readonly line: number
      readonly name: string
      readonly value: Value | null
    }
  /** `<match>` of that line; `what`: what is done, in words. */
  | {
      readonly type: 'matched'
      readonly line: number
      readonly pattern: string
      readonly isMatch: boolean
      readonly what: string
    }
  | { readonly type: 'error'; readonly name: string; readonly detail: string }
  | { readonly type: 'failed'; readonly text: string }
  | { readonly type: 'end' }
)
