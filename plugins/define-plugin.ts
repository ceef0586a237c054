import type {
  CompileContext,
  ElementDeclaration,
  Json,
  OptionDeclaration,
  ParseContext,
  ParsedSteps,
  PluginDeclaration,
  PluginParser,
  ScenarioElement,
  Transport,
} from './api.ts'
import { compileData, type Data, readOptions, readRequest } from './define-parse.ts'
import type {
  DataOf,
  DefinedPlugin,
  ElementDefinition,
  ElementDefinitions,
  PluginDefinition,
  RequestOf,
} from './definition.ts'
import { shapeFault } from './plugin-shape.ts'

const usualTransports: readonly Transport[] = ['tcp', 'tcp6', 'ssl', 'ssl6']

/**
 * A plugin from what is special about it: what is left out is done as its declarations say.
 *
 * @throws {Error} when it is for another version of the API, or no plugin
 */
export function definePlugin<
  const Elements extends ElementDefinitions,
  const Options extends readonly OptionDeclaration[] = readonly [],
  Data = DataOf<Elements>,
  Request = RequestOf<Elements>,
  User = null,
  Connection = null,
>(
  definition: PluginDefinition<Elements, Options, Data, Request, User, Connection>,
): DefinedPlugin<Request, User, Connection> {
  const untyped = definition as unknown as AnyDefinition
  const fault = shapeFault({ ...untyped, declaration: untyped })
  if (fault !== null) throw new Error(fault)
  return whole(untyped) as DefinedPlugin<Request, User, Connection>
}

type AnyDefinition = PluginDefinition<
  ElementDefinitions,
  readonly OptionDeclaration[],
  unknown,
  unknown,
  unknown,
  unknown
>

/** What the author has put into it besides stays in it, so that `this` has it. */
function whole(definition: AnyDefinition): object {
  const declaration = declarationOf(definition)
  const { elements } = declaration
  const first = elements[0]!.name
  const { newUser, newConnection, target, end } = definition
  const compile = (data: Json, context: CompileContext): unknown =>
    compileData(first, data as Data, elements, context)
  return {
    ...definition,
    declaration,
    compile: definition.compile ?? compile,
    newUser: newUser ?? (() => null),
    newConnection: newConnection ?? (() => null),
    target: target ?? (() => null),
    end: end ?? (() => 'more'),
  }
}

function declarationOf(definition: AnyDefinition): PluginDeclaration {
  const { type, doc, counters = [], options = [], transports = usualTransports } = definition
  const elements = wholeElements(definition.elements)
  return {
    type,
    doc,
    requestElement: elements[0]!.name,
    elements,
    options,
    counters,
    defaults: { persistent: true, bidi: false, ...definition.defaults },
    transports,
    player: parserOf(definition, elements, options),
  }
}

function wholeElements(definitions: ElementDefinitions): readonly ElementDeclaration[] {
  const [first] = definitions
  const parentsOf = (one: ElementDefinition): readonly string[] =>
    one.parents ?? [one === first ? 'request' : first.name]
  return definitions.map((definition) => {
    const { name } = definition
    const inside = definitions.filter((each) => parentsOf(each).includes(name))
    const model = inside.length === 0 ? {} : { model: `(${inside.map(anyNumber).join(', ')})` }
    return {
      content: inside.length === 0 ? 'empty' : 'elements',
      ...model,
      ...definition,
      parents: parentsOf(definition),
      attributes: definition.attributes ?? {},
    }
  })
}

function anyNumber({ name }: ElementDefinition): string {
  return `${name}*`
}

function parserOf(
  definition: AnyDefinition,
  elements: readonly ElementDeclaration[],
  options: readonly OptionDeclaration[],
): PluginParser {
  const { ack = 'parse', newParseState, parseOptions, parseRequest } = definition
  const read = (element: ScenarioElement, context: ParseContext): ParsedSteps => {
    const request = readRequest(element, elements, ack, context)
    definition.check?.(request.data, element, context)
    return request
  }
  return {
    newParseState: newParseState?.bind(definition) ?? (() => null),
    parseOptions:
      (parseOptions?.bind(definition) as PluginParser['parseOptions'] | undefined) ??
      ((given) => readOptions(given, options)),
    parseRequest: parseRequest?.bind(definition) ?? read,
  }
}
