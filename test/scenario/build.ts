/** Scenarios of which a test says only what it is about. */
import type { Diagnostic } from '../../core/scenario/errors.ts'
import type { Action, Scenario } from '../../core/scenario/model.ts'
import { type ReadResult, readScenario } from '../../core/scenario/read.ts'
import { metricNames } from '../../core/stats/names.ts'
import { declarations } from '../../plugins/registry.ts'

export interface Parts {
  readonly doctype?: string
  /** Attributes of the root element. */
  readonly root?: string
  readonly information?: string
  readonly clients?: string
  readonly servers?: string
  readonly monitoring?: string
  readonly load?: string
  readonly loadAttributes?: string
  readonly options?: string
  /** The only session's content; or all of `sessions`. */
  readonly session?: string
  readonly type?: string
  readonly sessions?: string
}

export const request = '<request><http url="/"/></request>'
export const onePhase =
  '<arrivalphase phase="1" duration="10" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase>'

/** One line an element of the root; line 1 is the DOCTYPE. */
export function scenarioXml(parts: Parts = {}): string {
  const {
    doctype = '<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">',
    root = '',
    information = '',
    clients = '<client host="localhost"/>',
    servers = '<server host="127.0.0.1" port="80" type="tcp"/>',
    monitoring = '',
    load = onePhase,
    loadAttributes = '',
    options,
    session = request,
    type = 'ts_http',
    sessions = `<session name="s" probability="100" type="${type}">${session}</session>`,
  } = parts
  const section = options === undefined ? '' : `<options>${options}</options>\n`
  return `${doctype}
<tsung${root === '' ? '' : ` ${root}`}>${information}
<clients>${clients}</clients>
<servers>${servers}</servers>
${monitoring}<load${loadAttributes === '' ? '' : ` ${loadAttributes}`}>${load}</load>
${section}<sessions>${sessions}</sessions>
</tsung>
`
}

export type Files = { readonly [path: string]: string }

export function readParts(parts: Parts = {}, files: Files = {}): ReadResult {
  return readXml(scenarioXml(parts), files)
}

export function readXml(
  xml: string | Uint8Array,
  files: Files = {},
  excludeTags: readonly string[] = [],
): ReadResult {
  return readScenario({
    file: 'dir/scenario.xml',
    bytes: typeof xml === 'string' ? Buffer.from(xml) : xml,
    readFile: (path) => (Object.hasOwn(files, path) ? Buffer.from(files[path]!) : null),
    plugins: declarations,
    metrics: metricNames.map(({ name }) => name),
    excludeTags,
  })
}

/** The scenario of parts in which nothing is wrong. */
export function scenarioOf(parts: Parts = {}, files: Files = {}): Scenario {
  const { scenario, diagnostics } = readParts(parts, files)
  if (scenario === null) throw new Error(told(diagnostics).join('\n'))
  return scenario
}

/** What the only session does. */
export function actionsOf(parts: Parts, files: Files = {}): readonly Action[] {
  return scenarioOf(parts, files).sessions[0]!.actions
}

/** `code line:column`, in order. */
export function placesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, position }) => `${code} ${position.line}:${position.column}`)
}

export function codesOf({ diagnostics }: ReadResult): readonly string[] {
  return diagnostics.map(({ code }) => code)
}

function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, text, position }) => `${position.line}: ${text} [${code}]`)
}
