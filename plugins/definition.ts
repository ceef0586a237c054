/**
 * What the author of a plugin writes, and the types that follow from it: `compile` and `encode` know the attributes that
 * the elements declare.
 */
import type {
  Ack,
  AttributeDeclaration,
  Carriage,
  CompileContext,
  CounterDeclaration,
  DecodeSink,
  ElementDeclaration,
  EncodeSink,
  Endpoint,
  OptionDeclaration,
  ParseContext,
  ParsedSteps,
  Plugin,
  PluginDeclaration,
  Progress,
  ProtocolDump,
  ScenarioElement,
  Template,
  Transport,
  UserView,
} from './api.ts'

/** The version of the API that this is. It changes when a plugin that was written for the one before would not run. */
export type ApiVersion = 1

/** An element without what is usual. */
export interface ElementDefinition
  extends Pick<ElementDeclaration, 'name' | 'doc' | 'since' | 'model'> {
  /** Default: `request` for the first element, the first element for the others. */
  readonly parents?: readonly string[]
  /** Default: `elements` when others stand in it, else `empty`. */
  readonly content?: ElementDeclaration['content']
  /** Default: none. */
  readonly attributes?: { readonly [name: string]: AttributeDeclaration }
}

export type ElementDefinitions = readonly [ElementDefinition, ...ElementDefinition[]]

/** A plugin without what is usual. What it says of itself first, then what it does. */
export interface PluginDefinition<
  Elements extends ElementDefinitions,
  Options extends readonly OptionDeclaration[],
  Data,
  Request,
  User,
  Connection,
> {
  readonly apiVersion: ApiVersion
  /** `ts_` and a word of small letters, digits and `_`. */
  readonly type: string
  /** The protocol, in half a line. */
  readonly doc: string
  /** The first one stands in `<request>`. */
  readonly elements: Elements
  readonly options?: Options
  readonly counters?: readonly CounterDeclaration[]
  /** Of sessions that do not say; default: persistent, not bidirectional. */
  readonly defaults?: Partial<PluginDeclaration['defaults']>
  /** Default: TCP and TLS, over IPv4 and IPv6. */
  readonly transports?: readonly Transport[]
  /** When a request is over that has no attribute `ack`; default `parse`: when `decode` says so. */
  readonly ack?: Ack

  /** Memory of `parseRequest` over one session, as `context.state`. */
  newParseState?(): unknown
  /** Default: the value of each option by its name, see `OptionsOf`. */
  parseOptions?(elements: readonly ScenarioElement[], context: ParseContext): OptionsOf<Options>
  /** Default: what the elements declare, see `DataOf`. @returns null after a reported error */
  parseRequest?(element: ScenarioElement, context: ParseContext): ParsedSteps | null
  /**
   * Tells what is wrong with a request beyond what its declaration says, by `context.error` and `context.warning`; with
   * the default `parseRequest` only.
   */
  check?(data: Data, element: ScenarioElement, context: ParseContext): void

  /** Default: texts that may hold variables become templates, see `RequestOf`. */
  compile?(data: Data, context: DefinedCompileContext<Options>): Request
  /** Default: null. */
  newUser?(view: UserView, options: OptionsOf<Options>): User
  /** Default: null. */
  newConnection?(user: User): Connection
  /** Default: connections carry bytes as they are. */
  carriage?(options: OptionsOf<Options>): Carriage | null
  prepare?(request: Request, user: User, view: UserView): void
  /** Default: the user's current server. */
  target?(request: Request, user: User, view: UserView): Endpoint | null
  encode(
    request: Request,
    user: User,
    connection: Connection,
    view: UserView,
    sink: EncodeSink,
  ): string
  decode(bytes: Uint8Array, connection: Connection, user: User, sink: DecodeSink): Progress
  /** Default: `more`, a close cuts every answer short. */
  end?(connection: Connection, user: User, sink: DecodeSink): Progress
  wake?(connection: Connection, user: User, sink: DecodeSink): Progress
  protocolDump?(request: Request, user: User, connection: Connection): ProtocolDump
}

/** `options` as `parseOptions` made them. */
export interface DefinedCompileContext<Options extends readonly OptionDeclaration[]>
  extends Omit<CompileContext, 'options'> {
  readonly options: OptionsOf<Options>
}

/** What `definePlugin` makes: what tsts loads. */
export interface DefinedPlugin<Request, User, Connection>
  extends Plugin<Request, User, Connection> {
  readonly apiVersion: ApiVersion
}

/** The data of a request by the default `parseRequest`: plain, with markers as they were written. */
export type DataOf<Elements extends ElementDefinitions> = DataOfElement<Elements, Elements[0]>

/** A request by the default `compile`: as its data, but a `Template` for every text that may hold variables. */
export type RequestOf<Elements extends ElementDefinitions> = RequestOfElement<Elements, Elements[0]>

/**
 * By the name of the option: its `value` by its type, its default or null when it is not given; for an option without a
 * value whether it is given.
 */
export type OptionsOf<Options extends readonly OptionDeclaration[]> = {
  readonly [Each in Options[number] as Each['name']]: Each['attributes'] extends {
    readonly value: infer Value extends AttributeDeclaration
  }
    ? ValueOf<Value> | AbsentOf<Value>
    : boolean
}

type DataOfElement<All extends ElementDefinitions, One extends ElementDefinition> = {
  readonly [Name in keyof AttributesOf<One>]:
    | ValueOf<AttributesOf<One>[Name]>
    | AbsentOf<AttributesOf<One>[Name]>
} & TextOf<One, string> & {
    readonly [Child in All[number] as NameIn<All, One, Child>]: readonly DataOfElement<All, Child>[]
  }

type RequestOfElement<All extends ElementDefinitions, One extends ElementDefinition> = {
  readonly [Name in keyof AttributesOf<One>]:
    | (IsText<AttributesOf<One>[Name]> extends true ? Template : ValueOf<AttributesOf<One>[Name]>)
    | AbsentOf<AttributesOf<One>[Name]>
} & TextOf<One, Template> & {
    readonly [Child in All[number] as NameIn<All, One, Child>]: readonly RequestOfElement<
      All,
      Child
    >[]
  }

type AttributesOf<One extends ElementDefinition> = One extends {
  readonly attributes: infer Attributes extends { readonly [name: string]: AttributeDeclaration }
}
  ? Attributes
  : unknown

type TextOf<One extends ElementDefinition, Text> = One extends {
  readonly content: 'text' | 'mixed'
}
  ? { readonly text: Text }
  : unknown

/** The name of an element that stands in another; never: it does not. */
type NameIn<
  All extends ElementDefinitions,
  One extends ElementDefinition,
  Child extends ElementDefinition,
> = Child extends { readonly parents: readonly string[] }
  ? One['name'] extends Child['parents'][number]
    ? Child['name']
    : never
  : Child['name'] extends All[0]['name']
    ? never
    : One['name'] extends All[0]['name']
      ? Child['name']
      : never

type IsText<Declared> = Declared extends
  | { readonly substitutable: true }
  | { readonly type: 'integer_or_variable' }
  ? true
  : false

type ValueOf<Declared> =
  IsText<Declared> extends true
    ? string
    : Declared extends { readonly type: 'integer' | 'number' }
      ? number | WordOf<Declared>
      : Declared extends { readonly type: 'boolean' }
        ? boolean
        : Declared extends { readonly type: 'enum' }
          ? WordOf<Declared>
          : string

type WordOf<Declared> = Declared extends { readonly values: readonly (infer Word)[] } ? Word : never

type AbsentOf<Declared> = Declared extends
  | { readonly required: true }
  | { readonly default: string }
  ? never
  : null
