/**
 * A scenario's file to a scenario: decode, expand entities, build the tree, check it by the table of elements, and read
 * what it means. Everything that is wrong is found in one go, except that of a file that is not well-formed only the
 * first fault is told.
 */
import type { Json } from '../json.ts'
import type { PluginDeclaration } from './declaration.ts'
import { type ElementTable, elementTable } from './elements.ts'
import type { Diagnostic } from './errors.ts'
import type { Scenario } from './model.ts'
import { parseClients } from './parse/clients.ts'
import { entityReader } from './parse/entity-files.ts'
import { filesOf, type ReadFile } from './parse/files.ts'
import { Functions } from './parse/functions.ts'
import { parseLoad } from './parse/load.ts'
import { type ParsedOptions, parseOptions } from './parse/options.ts'
import { hasRate } from './parse/pace.ts'
import { contextFor } from './parse/reading.ts'
import { parseMonitors, parseServers } from './parse/servers.ts'
import { parseSessions, sessionElements } from './parse/sessions.ts'
import { parseShares } from './parse/shares.ts'
import { textChecker } from './parse/texts.ts'
import { measuredNames } from './parse/threshold-names.ts'
import { parseThresholds } from './parse/thresholds.ts'
import { wordOf } from './parse/values.ts'
import { VariableUses } from './parse/variables.ts'
import { Report } from './report.ts'
import { findUnknownTypes, type UnknownType } from './unknown-types.ts'
import { validate } from './validate.ts'
import { decode } from './xml/decode.ts'
import { type Document, expand } from './xml/expand.ts'
import { positionIn, type Source } from './xml/source.ts'
import { buildTree, type IsToken, type XmlElement } from './xml/tree.ts'
import { isXmlError } from './xml/xml-error.ts'

export interface ReadInput {
  /** The scenario's path, as it is shown. */
  readonly file: string
  readonly bytes: Uint8Array
  /**
   * Reads a file by its path from the scenario's folder; null when it cannot be read. The path of an entity never leads
   * out of that folder; that of a data file may be absolute or lead anywhere.
   */
  readonly readFile: ReadFile
  readonly plugins: readonly PluginDeclaration[]
  /** Of the core, for thresholds; `…` stands for a part that varies. */
  readonly metrics: readonly string[]
  /** Requests with one of these tags are left out. */
  readonly excludeTags?: readonly string[]
}

export interface ReadResult {
  /** Null when there is a finding of severity `error`. */
  readonly scenario: Scenario | null
  /** In order of place. */
  readonly diagnostics: readonly Diagnostic[]
  /** The scenario without entities, as it is kept with the run; the file itself if it is not well-formed. */
  readonly expandedXml: string
  /** Text of every file that findings stand in, by the name they give. */
  readonly sources: ReadonlyMap<string, string>
  /** Session types that none of the plugins has, though one might, with every place that names them. */
  readonly unknownTypes: readonly UnknownType[]
}

export function readScenario(input: ReadInput): ReadResult {
  const report = new Report()
  const sources = new Map<string, string>()
  const keep = (source: Source): void => {
    sources.set(source.file, source.text)
  }
  let expandedXml = ''
  let root: XmlElement | null = null
  const table = elementTable(input.plugins)
  try {
    const source = decode(input.file, input.bytes)
    keep(source)
    expandedXml = source.text
    const document = expand(source, entityReader(input.file, input.readFile, report), keep)
    checkDoctype(document, source, report)
    expandedXml = withProlog(document)
    root = buildTree(document.body, tokensOf(table))
    const declared = document.doctype?.attributes
    validate(root, table, (element, name) => declared?.has(`${element}/@${name}`) === true, report)
  } catch (error) {
    if (!isXmlError(error)) throw error
    report.error(error.code, error.message, error.position, error.hint)
  }
  const parsed = root === null || root.name !== 'tsung' ? null : parseScenario(root, input, report)
  const scenario = report.hasErrors ? null : parsed
  const unknownTypes = root === null ? [] : findUnknownTypes(root, input.plugins)
  return { scenario, diagnostics: report.sorted(), expandedXml, sources, unknownTypes }
}

function parseScenario(root: XmlElement, input: ReadInput, report: Report): Scenario {
  const { plugins } = input
  const files = filesOf(input.readFile, report)
  const dumpTraffic =
    wordOf(root, 'dumptraffic', ['true', 'false', 'light', 'protocol', 'protocol_local']) ?? 'false'
  const backend = wordOf(root, 'backend', ['text', 'json', 'fullstats', 'rrdtool']) ?? 'text'
  if (backend === 'rrdtool') {
    const text = 'backend="rrdtool" writes the text log, as in Tsung'
    report.warning('W_RRDTOOL', text, root.attributePosition('backend'))
  }
  const clients = parseClients(root, report)
  const servers = parseServers(root, report)
  const monitors = parseMonitors(root, report)
  const options = parseOptions(root, plugins, files, report)
  const states = new Map<string, unknown>()
  const functions = new Functions(input.readFile, report)
  const variables = new VariableUses()
  const checkText = textChecker(functions, variables, report)
  const shared = { report, files, servers, states, checkText }
  const pluginOptions = parsePluginOptions(options, plugins, shared)
  const elements = sessionElements(root)
  const sessions = parseSessions(elements, {
    ...shared,
    functions,
    variables,
    plugins,
    thinkTime: options.thinkTime,
    hasGlobalNumber: options.hasGlobalNumber,
    hasRate: hasRate(root),
    excludeTags: new Set(input.excludeTags ?? []),
    fileServers: options.options.fileServers,
    options: pluginOptions,
  })
  const names = sessions.map(({ name }) => name)
  const load = parseLoad(root, names, parseShares(elements, report), report)
  const measured = measuredNames(sessions, load.phases, plugins, input.metrics)
  const levels = ['emergency', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const
  return {
    file: input.file.replace(/^.*[/\\]/, ''),
    logLevel: wordOf(root, 'loglevel', levels) ?? 'notice',
    dumpTraffic,
    backend,
    clients,
    servers,
    monitors,
    load,
    options: { ...options.options, plugins: pluginOptions },
    thresholds: parseThresholds(root, measured, report),
    sessions,
    modules: functions.modules,
  }
}

function parsePluginOptions(
  { typed }: ParsedOptions,
  plugins: readonly PluginDeclaration[],
  shared: Parameters<typeof contextFor>[3],
): { readonly [type: string]: Json } {
  const played = plugins.flatMap((plugin): readonly (readonly [string, Json])[] => {
    if (plugin.player === undefined) return []
    const known = new Set(plugin.options.map(({ name }) => name))
    // Unknown ones were reported.
    const elements = (typed.get(plugin.type) ?? []).filter(({ attributes }) =>
      known.has(attributes.get('name') ?? ''),
    )
    const context = contextFor(plugin, 'false', null, shared)
    return [[plugin.type, plugin.player.parseOptions(elements, context)]]
  })
  return Object.fromEntries(played)
}

/** Whether blanks around a value do not count: everything that is no free text. */
function tokensOf(table: ElementTable): IsToken {
  return (element, name) => {
    const attributes = table.get(element)?.attributes ?? {}
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (attribute === undefined) return false
    const { type, token } = attribute
    return (
      token === true ||
      type === 'enum' ||
      type === 'boolean' ||
      type === 'integer' ||
      type === 'number' ||
      (type === 'identifier' && attribute.prefix === undefined)
    )
  }
}

function checkDoctype({ doctype }: Document, source: Source, report: Report): void {
  if (doctype === null) {
    const text = 'there is no DOCTYPE: tsts needs none, but Tsung refuses the file'
    const hint = '<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">'
    report.warning('W_NO_DOCTYPE', text, positionIn(source, 0), hint)
    return
  }
  const position = positionIn(source, doctype.at)
  if (doctype.name !== 'tsung') {
    const text = `the DOCTYPE is for <${doctype.name}>, not for <tsung>`
    report.error('E_DOCTYPE', text, position, 'write <!DOCTYPE tsung …>')
  } else if (doctype.systemId === null) {
    const text = 'the DOCTYPE names no DTD: tsts needs none, but Tsung refuses the file'
    report.warning('W_NO_DOCTYPE', text, position)
  }
}

/** As Tsung reads it: with a DOCTYPE, without an internal subset. */
function withProlog({ doctype, body }: Document): string {
  const systemId = doctype?.systemId ?? 'tsung-1.0.dtd'
  const quote = systemId.includes('"') ? "'" : '"'
  const prolog = `<!DOCTYPE tsung SYSTEM ${quote}${systemId}${quote}>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${prolog}\n${body.text().trim()}\n`
}
