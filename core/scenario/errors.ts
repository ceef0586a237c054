import type { Position } from './model.ts'

/**
 * `error`: not a Tsung scenario, nothing can be run. `warning`: accepted, `text` says what tsts does instead.
 * `unplayable`: valid, but this version cannot play it; `run` and `try` refuse when it could be chosen.
 */
export type Severity = 'error' | 'warning' | 'unplayable'

/** One finding of `tsts check`, at its place. */
export interface Diagnostic {
  readonly severity: Severity
  /** Listed in docs/errors.md. */
  readonly code: string
  readonly text: string
  readonly position: Position
  readonly hint?: string
  /** Index of the session it stands in; absent: it concerns the whole run. */
  readonly session?: number
}

/** Raised with everything that was found wrong; the process ends with exit code 2. */
export class ScenarioError extends Error {
  readonly code = 'E_SCENARIO'
  readonly diagnostics: readonly Diagnostic[]
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.text).join('\n'))
    this.diagnostics = diagnostics
  }
}
