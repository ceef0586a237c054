/** What a compiled session consists of: operations with jump targets (indexes into `Program.ops`). */
import type { CompiledComparison } from '../dynvars/comparison.ts'
import type { VariableRef } from '../dynvars/reference.ts'
import type { Template } from '../dynvars/template.ts'
import type { Ack, Transport } from '../scenario/model.ts'
import type { Checks } from './checks.ts'
import type { CompiledSetOption, CompiledThinkTime } from './settings.ts'
import type { CompiledSource } from './sources.ts'

/** Where an operation stands in the scenario. */
interface Place {
  readonly line: number
  /** Tsung's number of the action, from 1; one that has none has the number of the next. */
  readonly action: number
}

export type Op =
  | RequestOp
  | ThinkTimeOp
  | PaceOp
  | TransactionOp
  | SetVariablesOp
  | FlowOp
  | ChangeTypeOp
  | InteractionOp
  | AbortOp
  | CountOp
  | SumOp
  | SetOptionOp

/** What decides where the session goes on. */
export type FlowOp =
  | ForStartOp
  | ForEndOp
  | ForeachStartOp
  | ForeachEndOp
  | RepeatStartOp
  | RepeatEndOp
  | IfOp

export interface RequestOp extends Place {
  readonly type: 'request'
  /** Whose request it is, e.g. `ts_http`. */
  readonly plugin: string
  /** What the plugin compiled. */
  readonly request: unknown
  readonly ack: Ack
  /** What is looked for in the answer; null: nothing. */
  readonly checks: Checks | null
  /** The last request of a page: no other follows directly. */
  readonly endsPage: boolean
  readonly label: string
  readonly tag: string
}

export interface ThinkTimeOp extends Place {
  readonly type: 'thinktime'
  readonly thinkTime: CompiledThinkTime
}

export interface PaceOp extends Place {
  readonly type: 'pace'
}

export interface TransactionOp extends Place {
  readonly type: 'transaction-start' | 'transaction-end'
  /** `tr_NAME` */
  readonly metric: string
}

export interface SetVariablesOp extends Place {
  readonly type: 'set-variables'
  readonly source: CompiledSource
  readonly names: readonly string[]
  /** Of the names, in the same order. */
  readonly slots: readonly number[]
}

export interface ForStartOp extends Place {
  readonly type: 'for-start'
  readonly name: string
  readonly slot: number
  readonly from: Template
}

export interface ForEndOp extends Place {
  readonly type: 'for-end'
  readonly name: string
  readonly slot: number
  readonly to: Template
  readonly increment: number
  readonly body: number
}

/** What both ends of a `<foreach>` know. */
export interface Foreach {
  /** Which of the lists that the user remembers. */
  readonly loop: number
  readonly name: string
  readonly slot: number
  /** `NAME_iter`: number of the next item, from 1. */
  readonly iterSlot: number
  readonly list: VariableRef
  /** Null: all items are taken. */
  readonly filter: { readonly keeps: 'matching' | 'others'; readonly pattern: Template } | null
}

export interface ForeachStartOp extends Place {
  readonly type: 'foreach-start'
  readonly foreach: Foreach
  /** Behind the loop. */
  readonly end: number
}

export interface ForeachEndOp extends Place {
  readonly type: 'foreach-end'
  readonly foreach: Foreach
  readonly body: number
}

/** Unsets the counter. Has no number: Tsung's loop has no beginning. */
export interface RepeatStartOp extends Place {
  readonly type: 'repeat-start'
  readonly slot: number
}

export interface RepeatEndOp extends Place {
  readonly type: 'repeat-end'
  readonly name: string
  /** Counts the passes: unset in the first, then 2, 3, …; behind the loop one more than there were. */
  readonly slot: number
  readonly maxRepeat: number
  readonly test: 'while' | 'until'
  readonly comparison: CompiledComparison
  readonly body: number
}

export interface IfOp extends Place {
  readonly type: 'if'
  readonly comparison: CompiledComparison
  /** Behind the body. */
  readonly end: number
}

export interface ChangeTypeOp extends Place {
  readonly type: 'change-type'
  readonly newType: string
  readonly host: Template
  readonly port: Template
  readonly transport: Transport
  readonly store: boolean
  readonly restore: boolean
  readonly bidi: boolean
}

export interface InteractionOp extends Place {
  readonly type: 'interaction'
  readonly what: 'send' | 'receive'
  readonly id: string
}

export interface AbortOp extends Place {
  readonly type: 'abort'
  readonly what: 'session' | 'all'
}

export interface CountOp extends Place {
  readonly type: 'count'
  /** `count.NAME` */
  readonly counter: string
}

export interface SumOp extends Place {
  readonly type: 'sum'
  /** `sum.NAME` */
  readonly counter: string
  readonly value: Template
}

export interface SetOptionOp extends Place {
  readonly type: 'set-option'
  readonly option: CompiledSetOption
}
