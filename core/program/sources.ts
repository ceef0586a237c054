/** `<setdynvars>`: how the values of a source are worked out. Source: reference tsung-core.md, 1.12.1. */
import type { Environment } from '../dynvars/environment.ts'
import { fixedString, randomNumber, randomString } from '../dynvars/sources.ts'
import {
  compileTemplate,
  constantTemplate,
  functionOf,
  renderTemplate,
  type Scope,
} from '../dynvars/template.ts'
import type { Value } from '../dynvars/value.ts'
import { compileEval } from '../erlang/eval.ts'
import { unreachable } from '../json.ts'
import type { VariableSource } from '../scenario/model.ts'
import type { Player } from './flow.ts'
import { JsonPathSource } from './json-source.ts'

export type CompiledSource =
  /** A line of a data file, cut at `delimiter` (a byte string). */
  | {
      readonly type: 'file'
      readonly file: string
      readonly order: 'iter' | 'random'
      readonly delimiter: string
    }
  | {
      readonly type: 'computed'
      /**
       * @param count of the variables that want a value
       * @returns undefined when there is none, which was told
       */
      readonly values: (player: Player, count: number) => Value | undefined
    }

/** @param variables how many want a value */
export function compileSource(
  source: VariableSource,
  variables: number,
  scope: Scope,
): CompiledSource {
  if (source.type === 'file') {
    const { type, file, order, delimiter } = source
    return { type, file, order, delimiter: constantTemplate(delimiter).constant! }
  }
  return { type: 'computed', values: valuesOf(source, variables, scope) }
}

/** The fields of a line; an empty delimiter cuts nothing. */
export function fieldsOf(line: string, delimiter: string): Value {
  return delimiter === '' ? line : line.split(delimiter)
}

function valuesOf(
  source: Exclude<VariableSource, { readonly type: 'file' }>,
  variables: number,
  scope: Scope,
): (player: Player, count: number) => Value | undefined {
  switch (source.type) {
    case 'random_number': {
      const { start, end } = source
      return (player, count) => {
        if (count === 1) return randomNumber(start, end, player)
        const numbers: string[] = []
        while (numbers.length < count) numbers.push(randomNumber(start, end, player))
        return numbers
      }
    }
    case 'random_string': {
      const { length } = source
      return (player, count) => {
        if (count === 1) return randomString(length, player)
        const texts: string[] = []
        while (texts.length < count) texts.push(randomString(length, player))
        return texts
      }
    }
    case 'urandom_string': {
      const text = fixedString(source.length)
      return (_player, count) => new Array<string>(count).fill(text)
    }
    case 'value': {
      const value = compileTemplate(source.value, scope)
      return (player) => renderTemplate(value, player)
    }
    case 'server':
      return ({ server }) => [server.host, String(server.port)]
    case 'jsonpath': {
      const query = new JsonPathSource(source.from, source.expression, scope)
      return (player, count) => query.values(player, count)
    }
    case 'call': {
      const { module, name } = source.call
      const call = functionOf(module, name, scope)
      return (player) => call(player)
    }
    case 'eval':
      return evalValues(source.code, variables)
    default:
      return unreachable(source)
  }
}

/** Code that is not understood was told by `check`. */
function evalValues(
  code: string,
  variables: number,
): (environment: Environment) => Value | undefined {
  const compiled = compileEval(code, variables)
  if ('call' in compiled) return (environment) => compiled.call(environment)
  return (environment) => {
    environment.functionFailed('eval', compiled.fault)
    return undefined
  }
}
