/** Functions that a scenario calls: of JavaScript modules beside it, or built in under Erlang's names. */
import { findBuiltin } from '../../erlang/builtins.ts'
import type { Position, ScriptModule } from '../model.ts'
import type { Report } from '../report.ts'
import type { ReadFile } from './files.ts'
import { exportsFunction, importFault } from './module-text.ts'

export class Functions {
  readonly #readFile: ReadFile
  readonly #report: Report
  /** By name; null: there is no such file. */
  readonly #modules = new Map<string, ScriptModule | null>()

  constructor(readFile: ReadFile, report: Report) {
    this.#readFile = readFile
    this.#report = report
  }

  /** Those that are called, in order of their first call. */
  get modules(): readonly ScriptModule[] {
    return [...this.#modules.values()].filter((module) => module !== null)
  }

  /** Whether the function can be called; false after a report. */
  check(module: string, name: string, position: Position): boolean {
    const script = this.#find(module, position)
    if (script !== null) {
      if (exportsFunction(script.source, name)) return true
      const text = `${module}.mjs has no function ${name}`
      this.#refuse(text, position, signature(name))
      return false
    }
    if (findBuiltin(module, name) !== null) return true
    const text = `there is no function ${module}:${name}, and no Erlang to call it in`
    this.#refuse(
      text,
      position,
      `write it in ${module}.mjs beside the scenario: ${signature(name)}`,
    )
    return false
  }

  #find(name: string, position: Position): ScriptModule | null {
    const known = this.#modules.get(name)
    if (known !== undefined) return known
    const module = this.#read(name)
    this.#modules.set(name, module)
    const fault = module === null ? null : importFault(module.source)
    if (fault !== null) {
      const hint = 'put everything into the one file; modules of Node are imported as node:…'
      this.#refuse(`${name}.mjs imports ${fault}`, position, hint)
    }
    return module
  }

  #read(name: string): ScriptModule | null {
    // Nothing that leads to another folder.
    if (!/^[\w@.-]+$/.test(name) || name.startsWith('.')) return null
    for (const extension of ['mjs', 'js']) {
      const bytes = this.#readFile(`${name}.${extension}`, 'module')
      if (bytes !== null) return { name, source: new TextDecoder().decode(bytes) }
    }
    return null
  }

  #refuse(text: string, position: Position, hint: string): void {
    this.#report.unplayable('U_FUNCTION', text, position, hint)
  }
}

/** Words that cannot name a function of JavaScript, but what a module exports. */
const reserved: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if import in instanceof new null return super switch this throw true try typeof var void while with yield'
  ).split(' '),
)

function signature(name: string): string {
  return reserved.has(name)
    ? `function ${name}1(variables, user) { return … } export { ${name}1 as ${name} }`
    : `export function ${name}(variables, user) { return … }`
}
