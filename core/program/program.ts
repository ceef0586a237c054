/**
 * A session as a flat array of operations with jump targets, so that a user needs one integer of control state.
 *
 * Requests are compiled once, by the plugin, and shared by all users.
 */
import { compileComparison } from '../dynvars/comparison.ts'
import type { FindFunction } from '../dynvars/environment.ts'
import { compileReference } from '../dynvars/reference.ts'
import { compileTemplate, type Scope } from '../dynvars/template.ts'
import { VariableNames } from '../dynvars/variables.ts'
import { unreachable } from '../json.ts'
import type { Action, RequestAction, Session } from '../scenario/model.ts'
import { compileChecks } from './checks.ts'
import type { Foreach, Op, RequestOp } from './ops.ts'
import { compileSetOption, compileThinkTime } from './settings.ts'
import { compileSource } from './sources.ts'

export type { Op, RequestOp } from './ops.ts'

export interface Program {
  /** Index of the session in the scenario. */
  readonly session: number
  readonly name: string
  /** The plugin that plays it, e.g. `ts_http`. */
  readonly plugin: string
  readonly persistent: boolean
  readonly bidi: boolean
  readonly ops: readonly Op[]
  /** Indexes into `ops`, by number of the action minus 1. */
  readonly actions: readonly number[]
  readonly names: VariableNames
  /** How many lists of `<foreach>` a user of this program remembers. */
  readonly foreachs: number
}

/** @returns what the plugin's `compile` makes of a request */
export type CompileRequest = (action: RequestAction, scope: Scope) => unknown

type ActionOf<Type extends Action['type']> = Action & { readonly type: Type }

/** @param index of the session in the scenario */
export function compileSession(
  index: number,
  session: Session,
  compileRequest: CompileRequest,
  findFunction: FindFunction,
): Program {
  const compiler = new Compiler(compileRequest, findFunction)
  compiler.emitAll(session.actions)
  const { ops, actions, scope, foreachs } = compiler
  return {
    session: index,
    name: session.name,
    plugin: session.type,
    persistent: session.persistent,
    bidi: session.bidi,
    ops: ops.map((op, at) => (op.type === 'request' ? { ...op, endsPage: endsPage(ops, at) } : op)),
    actions,
    names: scope.names,
    foreachs,
  }
}

/** The operation to go on with for the action of that number; the first one when the number is too low. */
export function opOfAction({ actions }: Program, action: number): number {
  return action <= 1 ? 0 : (actions[action - 1] ?? actions.length)
}

class Compiler {
  readonly ops: Op[] = []
  readonly actions: number[] = []
  readonly scope: Scope
  foreachs = 0
  readonly #compileRequest: CompileRequest

  constructor(compileRequest: CompileRequest, findFunction: FindFunction) {
    this.scope = { names: new VariableNames(), findFunction }
    this.#compileRequest = compileRequest
  }

  emitAll(actions: readonly Action[]): void {
    for (const action of actions) this.#emit(action)
  }

  #emit(action: Action): void {
    const { scope } = this
    const { line } = action
    switch (action.type) {
      case 'request':
        this.#push(this.#request(action))
        return
      case 'thinktime': {
        const thinkTime = compileThinkTime(action.thinkTime, scope)
        this.#push({ type: 'thinktime', thinkTime, ...this.#place(line) })
        return
      }
      case 'transaction':
        this.#transaction(action)
        return
      case 'setdynvars': {
        const { variables: names } = action
        const source = compileSource(action.source, action.variables.length, scope)
        const slots = names.map((name) => scope.names.slot(name))
        this.#push({ type: 'set-variables', source, names, slots, ...this.#place(line) })
        return
      }
      case 'for':
        this.#for(action)
        return
      case 'foreach':
        this.#foreach(action)
        return
      case 'repeat':
        this.#repeat(action)
        return
      case 'if':
        this.#if(action)
        return
      default:
        this.#emitSimple(action)
    }
  }

  #emitSimple(
    action: ActionOf<
      'pace' | 'change_type' | 'interaction' | 'abort' | 'count' | 'sum' | 'set_option'
    >,
  ): void {
    const { scope } = this
    const place = this.#place(action.line)
    switch (action.type) {
      case 'pace':
        this.#push({ type: 'pace', ...place })
        return
      case 'change_type': {
        const { newType, transport, store, restore, bidi } = action
        const host = compileTemplate(action.host, scope)
        const port = compileTemplate(action.port, scope)
        const target = { newType, host, port, transport }
        this.#push({ type: 'change-type', ...target, store, restore, bidi, ...place })
        return
      }
      case 'interaction':
        this.#push({ type: 'interaction', what: action.action, id: action.id, ...place })
        return
      case 'abort':
        this.#push({ type: 'abort', what: action.what, ...place })
        return
      case 'count':
        this.#push({ type: 'count', counter: `count.${action.name}`, ...place })
        return
      case 'sum': {
        const value = compileTemplate(action.value, scope)
        this.#push({ type: 'sum', counter: `sum.${action.name}`, value, ...place })
        return
      }
      case 'set_option': {
        const option = compileSetOption(action.option, scope)
        this.#push({ type: 'set-option', option, ...place })
        return
      }
      default:
        unreachable(action)
    }
  }

  #request(action: RequestAction): RequestOp {
    const { plugin, ack, label, tag, line, extractions, matches, subst } = action
    const { scope } = this
    const request = this.#compileRequest(action, scope)
    const checks = compileChecks(extractions, matches, subst !== 'false', scope)
    const place = this.#place(line)
    return { type: 'request', plugin, request, ack, checks, endsPage: true, label, tag, ...place }
  }

  #transaction({ name, actions, line }: ActionOf<'transaction'>): void {
    const metric = `tr_${name}`
    this.#push({ type: 'transaction-start', metric, ...this.#place(line) })
    this.emitAll(actions)
    this.#push({ type: 'transaction-end', metric, ...this.#place(line) })
  }

  #for({ variable: name, from, to, increment, actions, line }: ActionOf<'for'>): void {
    const { scope } = this
    const slot = scope.names.slot(name)
    const first = compileTemplate(from, scope)
    this.#push({ type: 'for-start', name, slot, from: first, ...this.#place(line) })
    const body = this.ops.length
    this.emitAll(actions)
    const last = compileTemplate(to, scope)
    this.#push({ type: 'for-end', name, slot, to: last, increment, body, ...this.#place(line) })
  }

  #foreach({ variable, list, include, exclude, actions, line }: ActionOf<'foreach'>): void {
    const { scope } = this
    const pattern = include ?? exclude
    const foreach: Foreach = {
      loop: this.foreachs++,
      name: variable,
      slot: scope.names.slot(variable),
      iterSlot: scope.names.slot(`${variable}_iter`),
      list: compileReference(list, scope.names),
      filter:
        pattern === null
          ? null
          : {
              keeps: include === null ? 'others' : 'matching',
              pattern: compileTemplate(pattern, scope),
            },
    }
    const start = this.ops.length
    const place = this.#place(line)
    this.#push({ type: 'foreach-start', foreach, end: 0, ...place })
    const body = this.ops.length
    this.emitAll(actions)
    this.#push({ type: 'foreach-end', foreach, body, ...this.#place(line) })
    this.ops[start] = { type: 'foreach-start', foreach, end: this.ops.length, ...place }
  }

  #repeat(action: ActionOf<'repeat'>): void {
    const { scope } = this
    const { variable: name, maxRepeat, test, line } = action
    const slot = scope.names.slot(name)
    this.ops.push({ type: 'repeat-start', slot, ...this.#place(line) })
    const body = this.ops.length
    this.emitAll(action.actions)
    const comparison = compileComparison(action.comparison, scope)
    const place = this.#place(line)
    this.#push({ type: 'repeat-end', name, slot, maxRepeat, test, comparison, body, ...place })
  }

  #if({ comparison: { variable, operator, value }, actions, line }: ActionOf<'if'>): void {
    const comparison = compileComparison({ variable, operator, value }, this.scope)
    const start = this.ops.length
    const place = this.#place(line)
    this.#push({ type: 'if', comparison, end: 0, ...place })
    this.emitAll(actions)
    this.ops[start] = { type: 'if', comparison, end: this.ops.length, ...place }
  }

  /** Of the next action. */
  #place(line: number): { readonly line: number; readonly action: number } {
    return { line, action: this.actions.length + 1 }
  }

  /** An operation that has a number of its own. */
  #push(op: Op): void {
    this.actions.push(this.ops.push(op) - 1)
  }
}

/**
 * Consecutive requests form a page; transaction marks in between are transparent, everything else ends it.
 *
 * Source: reference tsung-core.md, 5.4.
 */
function endsPage(ops: readonly Op[], at: number): boolean {
  for (let next = at + 1; next < ops.length; next++) {
    const { type } = ops[next]!
    if (type === 'request') return false
    if (type !== 'transaction-start' && type !== 'transaction-end') return true
  }
  return true
}
