/** `<request>`: what is asked goes to its plugin. Source: reference tsung-core.md, 1.11. */
import type { ParsedPause, ParsedRequest, PluginDeclaration } from '../declaration.ts'
import type { Action, RequestAction } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseExtractions } from './extractions.ts'
import { parseMatches } from './matches.ts'
import { contextFor, type Reading } from './reading.ts'
import { wordOf } from './values.ts'

/** Nothing when it is left out by its tag, or after a report. */
export function parseRequest(
  element: XmlElement,
  type: string,
  reading: Reading,
): readonly Action[] {
  const { report, excludeTags, options } = reading
  const tag = element.attributes.get('tag') ?? ''
  if (excludeTags.has(tag)) return []
  const subst = wordOf(element, 'subst', ['true', 'false', 'all_except_body']) ?? 'false'
  const matches = parseMatches(element, reading)
  const extractions = parseExtractions(element, type, subst !== 'false', reading)
  const asked = element.children.find(({ name }) => name !== 'match' && name !== 'dyn_variable')
  if (asked === undefined) {
    const text = 'the request asks nothing: Tsung’s user would end here with error_unknown'
    report.unplayable('U_EMPTY_REQUEST', text, element.position)
    return []
  }
  const plugin = pluginFor(asked, type, reading)
  // Tsung reads it whether it is sent or not.
  const path = asked.attributes.get('contents_from_file')
  if (path !== undefined && path !== '') {
    reading.files.bytes(path, asked.attributePosition('contents_from_file'))
  }
  if (plugin?.player === undefined) {
    plugin?.checkRequest?.(asked, (...finding) => report.add('error', ...finding))
    return []
  }
  const context = contextFor(plugin, subst, options[plugin.type] ?? null, reading)
  if (lacksAttributes(asked, plugin)) return []
  const parsed = plugin.player.parseRequest(asked, context)
  if (parsed === null) return []
  const { line } = element.position
  const rest = { plugin: plugin.type, subst, tag, extractions, matches, line } as const
  const steps = [parsed].flat()
  if (extractions.length + matches.length > 0 && steps.every((step) => 'type' in step)) {
    const text = 'the request only waits: there is no answer to match or to take variables from'
    report.warning('W_UNUSED_ATTRIBUTE', text, element.position)
  }
  return actionsOf(steps, rest)
}

function actionsOf(
  steps: readonly (ParsedRequest | ParsedPause)[],
  rest: Omit<RequestAction, keyof ParsedRequest | 'type'>,
): readonly Action[] {
  const last = steps.findLastIndex((step) => !('type' in step))
  return steps.map((step, at): Action => {
    if ('type' in step) {
      const { line } = rest
      return { type: 'thinktime', thinkTime: { type: 'constant', ms: step.ms }, line }
    }
    const checks = at === last ? {} : { extractions: [], matches: [] }
    return { type: 'request', ...step, ...rest, ...checks }
  })
}

/** The plugin that plays the element in a session of this type. */
function pluginFor(
  asked: XmlElement,
  type: string,
  { plugins, report }: Reading,
): PluginDeclaration | undefined {
  const candidates = plugins.filter(({ requestElement }) => requestElement === asked.name)
  const plugin = candidates.find((each) => each.type === type)
  if (plugin === undefined && candidates.length > 0) {
    const text = `a request <${asked.name}> cannot be played in a session of type ${type}`
    const hint = `it needs the type ${candidates.map((each) => each.type).join(' or ')}`
    report.unplayable('U_OTHER_PROTOCOL', text, asked.position, hint)
  }
  return plugin
}

/** Whether the element or a child of it lacks what its declaration requires: reported before. */
function lacksAttributes(asked: XmlElement, { elements }: PluginDeclaration): boolean {
  return [asked, ...asked.children].some((each) => {
    const declaration = elements.find(({ name }) => name === each.name)
    return Object.entries(declaration?.attributes ?? {}).some(
      ([name, { required }]) => required === true && !each.attributes.has(name),
    )
  })
}
