/** A user that plays nothing: its variables, and what it was told. */

import type { Scope } from '../../core/dynvars/template.ts'
import type { Value } from '../../core/dynvars/value.ts'
import type { Player } from '../../core/program/flow.ts'
import { environmentWith } from '../dynvars/environment.ts'

export interface TestPlayer extends Player {
  readonly counted: string[]
  readonly failed: string[]
  value(name: string): Value | undefined
}

export function playerWith(
  scope: Scope,
  values: { readonly [name: string]: Value } = {},
): TestPlayer {
  const environment = environmentWith(scope, values)
  const counted: string[] = []
  return {
    ...environment,
    counted,
    count: (name) => void counted.push(name),
    flowTrace: null,
    value: (name) => environment.variables.named(name),
  }
}
