import type { ScenarioCode } from './codes.ts'
import type { Diagnostic, Severity } from './errors.ts'
import type { Position } from './model.ts'

/** Collects findings; what is said twice of one place is kept once. */
export class Report {
  readonly #diagnostics: Diagnostic[] = []
  readonly #known = new Set<string>()
  #session: number | null = null

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error')
  }

  /** In order of place, files in the order in which they are first named. */
  sorted(): readonly Diagnostic[] {
    const files = [...new Set(this.#diagnostics.map(({ position }) => position.file))]
    return [...this.#diagnostics].sort(
      ({ position: a }, { position: b }) =>
        files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
  }

  /** What is reported while `work` runs belongs to that session. */
  inSession<T>(session: number, work: () => T): T {
    this.#session = session
    const result = work()
    this.#session = null
    return result
  }

  error(code: ScenarioCode, text: string, position: Position, hint?: string): void {
    this.add('error', code, text, position, hint)
  }

  warning(code: ScenarioCode, text: string, position: Position, hint?: string): void {
    this.add('warning', code, text, position, hint)
  }

  unplayable(code: ScenarioCode, text: string, position: Position, hint?: string): void {
    this.add('unplayable', code, text, position, hint)
  }

  /** For plugins, whose codes are their own. */
  add(severity: Severity, code: string, text: string, position: Position, hint?: string): void {
    const { file, line, column } = position
    const key = JSON.stringify([code, text, file, line, column, this.#session])
    if (this.#known.has(key)) return
    this.#known.add(key)
    this.#diagnostics.push({
      severity,
      code,
      text,
      position,
      ...(hint === undefined ? {} : { hint }),
      ...(this.#session === null ? {} : { session: this.#session }),
    })
  }
}
