/** Fixtures that are written as elements: read as from a scenario. */
import { readScenario } from '../core/scenario/read.ts'
import type { AnyPlugin, Json } from './api.ts'
import type { ConformanceFixture, ConformanceRequest } from './conformance-fixture.ts'

export interface ReadFixture {
  readonly data: Json
  readonly options: Json
}

/** @throws {Error} when a scenario may not say it, or it is no single request */
export function readFixture(
  { declaration }: AnyPlugin,
  { optionsXml = '', variables }: Pick<ConformanceFixture, 'optionsXml' | 'variables'>,
  { xml = '', subst }: ConformanceRequest,
): ReadFixture {
  const { type, transports } = declaration
  const replaced = subst ?? substOf(variables)
  const text = `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung><clients><client host="localhost"/></clients>
<servers><server host="target.example" port="8080" type="${transports[0]}"/></servers>
<load><arrivalphase phase="1" duration="1" unit="second">
<users interarrival="1" unit="second"/></arrivalphase></load>
<options>${optionsXml}</options>
<sessions><session name="fixture" probability="100" type="${type}">
<request subst="${replaced}">${xml}</request></session></sessions></tsung>`
  const { scenario, diagnostics } = readScenario({
    file: 'fixture.xml',
    bytes: new TextEncoder().encode(text),
    readFile: () => null,
    plugins: [declaration],
    metrics: [],
  })
  const found = diagnostics.find(({ severity }) => severity !== 'warning')
  if (found !== undefined || scenario === null) throw new Error(`${found?.text} [${found?.code}]`)
  const requests = scenario.sessions[0]!.actions.filter((action) => action.type === 'request')
  if (requests.length !== 1) throw new Error(`it is ${requests.length} requests: give their data`)
  return { data: requests[0]!.data, options: scenario.options.plugins[type] ?? null }
}

/** What a request says that has variables. */
export function substOf(variables: ConformanceFixture['variables']): 'true' | 'false' {
  return variables === undefined ? 'false' : 'true'
}
