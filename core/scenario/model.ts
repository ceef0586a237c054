/**
 * The scenario: what a Tsung XML file says, as plain data that survives JSON.
 *
 * Times are in ms, rates in users per ms, sizes in bytes. Indexes count from 0 in document order.
 * Source: Tsung manual, "Understanding tsung.xml configuration file".
 */
import type { Json } from '../json.ts'
import type { Condition } from '../thresholds/model.ts'

/** Where something stands in the files of a scenario. Line and column count from 1; columns in characters. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Scenario {
  /** Base name of the scenario's file. */
  readonly file: string
  readonly logLevel: LogLevel
  readonly dumpTraffic: 'true' | 'false' | 'light' | 'protocol' | 'protocol_local'
  readonly backend: 'text' | 'json' | 'fullstats' | 'rrdtool'
  readonly clients: readonly Client[]
  readonly servers: readonly Server[]
  readonly monitors: readonly Monitor[]
  readonly load: Load
  readonly options: Options
  /** When the run has failed, or is ended early. */
  readonly thresholds: readonly Condition[]
  readonly sessions: readonly Session[]
  /** JavaScript modules beside the scenario that it calls. */
  readonly modules: readonly ScriptModule[]
}

/** A JavaScript module that stands beside the scenario. Its functions are called as `%%name:function%%`. */
export interface ScriptModule {
  /** The file's name without its extension. */
  readonly name: string
  /** Its text; it imports nothing but modules of Node. */
  readonly source: string
}

export type LogLevel = 'emergency' | 'critical' | 'error' | 'warning' | 'notice' | 'info' | 'debug'

export interface Client {
  readonly type: 'machine' | 'batch'
  /** Host name or address; empty when `type` is `batch`. */
  readonly host: string
  readonly batch: 'torque' | 'pbs' | 'lsf' | 'oar' | null
  readonly weight: number
  /** Launchers on this host; `auto`: one per core. */
  readonly cpu: number | 'auto'
  /** Concurrent users of one launcher before it hands over to a successor. */
  readonly maxUsers: number
  readonly useControllerVm: boolean
  /** Source addresses of the users, taken in turn; empty: the system's choice. */
  readonly addresses: readonly SourceAddress[]
  readonly position: Position
}

export type SourceAddress =
  | { readonly type: 'ip'; readonly value: string }
  /** Every IPv4 address of an interface of the client's host. */
  | { readonly type: 'scan'; readonly interface: string }
  /** One address drawn per user: for each dotted part the lowest and highest number. */
  | { readonly type: 'range'; readonly parts: readonly (readonly [number, number])[] }

export type Transport =
  | 'tcp'
  | 'tcp6'
  | 'ssl'
  | 'ssl6'
  | 'udp'
  | 'udp6'
  | 'websocket'
  | 'websocket_ssl'
  | 'bosh'
  | 'bosh_ssl'
  | 'erlang'

/** Where a connection goes. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly transport: Transport
}

export interface Server extends Endpoint {
  readonly weight: number
}

export interface Monitor {
  readonly host: string
  readonly type: 'erlang' | 'snmp' | 'munin'
  readonly position: Position
}

export interface Load {
  /** The test is cut after this long, counted from its start; null: no limit. */
  readonly durationMs: number | null
  /** Extra repetitions of the list of phases. */
  readonly loop: number
  /** Sorted by `phase`. */
  readonly phases: readonly Phase[]
  /** Static users, one entry per matching session, in document order. */
  readonly users: readonly StaticUser[]
}

export interface Phase {
  /** Tsung's sort key. */
  readonly phase: number
  readonly durationMs: number
  /** Users per ms over all launchers; > 0. */
  readonly intensityPerMs: number
  /** Users started in this phase over all launchers, at most; null: no bound. */
  readonly maxNumber: number | null
  /** Ours: so many users play at most; those that end in the phase are followed by others. Null: they are not. */
  readonly maxActive: number | null
  /** Ours: paced requests per ms over all launchers, from the start of the phase on; null: as before. */
  readonly requestsPerMs: number | null
  readonly waitAllSessionsEnd: boolean
  /** Share of each session in this phase (`session_setup` applied), by session index; any positive total. */
  readonly shares: readonly number[]
  readonly position: Position
}

export interface StaticUser {
  readonly startMs: number
  /** Index into `sessions`. */
  readonly session: number
}

export interface Options {
  readonly seed: number | null
  /** Overrides every numeric think time of the sessions when `override` is set; already applied to them. */
  readonly connectTimeoutMs: number | null
  readonly maxRetries: number
  readonly retryTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly globalAckTimeoutMs: number | null
  readonly globalNumber: number
  /** Incoming bytes of each user; null: not limited. */
  readonly rateLimit: { readonly bytesPerMs: number; readonly burstBytes: number } | null
  readonly portsRange: { readonly min: number; readonly max: number } | null
  readonly tls: TlsOptions
  readonly streams: StreamOptions
  readonly fileServers: readonly FileServer[]
  /** What each plugin made of its own options, by session type. */
  readonly plugins: { readonly [type: string]: Json }
}

export interface TlsOptions {
  /** OpenSSL cipher list; null: negotiate. */
  readonly ciphers: string | null
  /** One version, as Node names it (`TLSv1.2`); null: negotiate. */
  readonly version: string | null
  readonly reuseSessions: boolean
  readonly disableSni: boolean
  /** Verify the server's certificate: off as in Tsung, on by our option `ssl_verify`. */
  readonly verify: boolean
}

/** Of server types that wrap a byte stream. */
export interface StreamOptions {
  readonly websocket: {
    readonly path: string
    readonly frame: 'binary' | 'text'
    /** `Sec-WebSocket-Protocol`; null: none. */
    readonly subprotocols: string | null
    /** Null: as the adapter has it. */
    readonly origin: string | null
  }
  readonly bosh: { readonly path: string }
}

export interface FileServer {
  readonly id: string
  readonly path: string
  /** `local_file_server`: a copy on each launcher, random access only. */
  readonly local: boolean
}

export interface Session {
  readonly name: string
  /** The plugin that plays it, e.g. `ts_http`. */
  readonly type: string
  readonly persistent: boolean
  readonly bidi: boolean
  readonly actions: readonly Action[]
  readonly position: Position
}

/** Texts may hold `%%…%%` markers wherever a field is a `Text`. */
export type Text = string

export type Action =
  | RequestAction
  | { readonly type: 'thinktime'; readonly thinkTime: ThinkTime; readonly line: number }
  /** Ours: the user waits for its turn. */
  | { readonly type: 'pace'; readonly line: number }
  | {
      readonly type: 'transaction'
      readonly name: string
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'setdynvars'
      readonly source: VariableSource
      readonly variables: readonly string[]
      readonly line: number
    }
  | {
      readonly type: 'for'
      readonly variable: string
      /** A whole number, or one variable that holds one. */
      readonly from: Text
      readonly to: Text
      readonly increment: number
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'foreach'
      /** Gets each item in turn; `NAME_iter` counts. */
      readonly variable: string
      readonly list: string
      /** Regular expressions (PCRE); at most one is given. */
      readonly include: Text | null
      readonly exclude: Text | null
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'repeat'
      /** Counts the passes. */
      readonly variable: string
      readonly maxRepeat: number
      /** `while`: once more when the comparison holds; `until`: when it does not. */
      readonly test: 'while' | 'until'
      readonly comparison: Comparison
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'if'
      readonly comparison: Comparison
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'change_type'
      readonly newType: string
      readonly host: Text
      readonly port: Text
      readonly transport: Transport
      readonly store: boolean
      readonly restore: boolean
      readonly bidi: boolean
      readonly line: number
    }
  | {
      readonly type: 'interaction'
      readonly action: 'send' | 'receive'
      readonly id: string
      readonly line: number
    }
  | { readonly type: 'abort'; readonly what: 'session' | 'all'; readonly line: number }
  /** Ours: adds one to the counter `count.NAME`. */
  | { readonly type: 'count'; readonly name: string; readonly line: number }
  /** Ours: adds the number that a text comes to, to the counter `sum.NAME`. */
  | { readonly type: 'sum'; readonly name: string; readonly value: Text; readonly line: number }
  | { readonly type: 'set_option'; readonly option: SetOption; readonly line: number }

/** The variable stands on the left: `gt` of 2 means that it is more than 2. */
export interface Comparison {
  /** `name`, or `name[2]` for the second item of a list. */
  readonly variable: string
  readonly operator: 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte'
  readonly value: Text
}

/** Where `<setdynvars>` takes its values from. */
export type VariableSource =
  /** Both ends included. */
  | { readonly type: 'random_number'; readonly start: number; readonly end: number }
  | { readonly type: 'random_string' | 'urandom_string'; readonly length: number }
  | {
      readonly type: 'file'
      /** Id of a file server. */
      readonly file: string
      readonly order: 'iter' | 'random'
      readonly delimiter: string
    }
  | { readonly type: 'value'; readonly value: Text }
  | { readonly type: 'server' }
  | { readonly type: 'jsonpath'; readonly from: string; readonly expression: Text }
  | { readonly type: 'call'; readonly call: Call }
  /** An Erlang fun, as far as core/erlang knows the language. */
  | { readonly type: 'eval'; readonly code: string }

/** `module:function`: of a JavaScript module of the scenario, or a built-in one under Erlang's name. */
export interface Call {
  readonly module: string
  readonly name: string
}

export interface RequestAction {
  readonly type: 'request'
  /** The plugin whose request it is, e.g. `ts_http`. */
  readonly plugin: string
  readonly ack: Ack
  readonly subst: 'true' | 'false' | 'all_except_body'
  readonly tag: string
  /** In document order. */
  readonly extractions: readonly Extraction[]
  readonly matches: readonly Match[]
  /** The plugin's own data (`PluginDeclaration.parseRequest`). */
  readonly data: Json
  /** One line for people: what is asked, e.g. `GET /index.html`. */
  readonly label: string
  readonly line: number
}

/** When a request is over. Source: reference tsung-core.md, 5.2. */
export type Ack = 'parse' | 'local' | 'global' | 'no_ack' | 'bidi_ack'

/** `<dyn_variable>`: what to keep of the answer. */
export interface Extraction {
  readonly variable: string
  readonly extractor: Extractor
  readonly line: number
}

export type Extractor =
  /** The value of the HTML form field that has the variable's name. */
  | { readonly type: 'form' }
  /** Its first group. `regexp` (of ours, as the manual promises) is the same. */
  | { readonly type: 're'; readonly pattern: string; readonly decodesHtml: boolean }
  | { readonly type: 'xpath' | 'jsonpath' | 'pgsql_expr'; readonly expression: Text }
  /** `Name`, or `Name/parameter`. */
  | { readonly type: 'header'; readonly name: string; readonly parameter: string | null }

/** `<match>`: what to do when the answer has, or has not, what an expression describes. */
export interface Match {
  /** Empty: matches always. Markers in it are replaced when `subst` is set. */
  readonly pattern: Text
  readonly subst: boolean
  readonly do: 'continue' | 'loop' | 'abort' | 'restart' | 'log' | 'dump' | 'abort_test'
  readonly when: 'match' | 'nomatch'
  /** `-` when none is given. */
  readonly name: string
  readonly sleepLoopMs: number
  readonly maxLoop: number
  readonly loopBack: number
  readonly maxRestart: number
  readonly skipHeaders: boolean
  readonly applyToContent: Call | null
  readonly line: number
}

export type ThinkTime =
  /** Seconds, known when it is played. */
  | { readonly type: 'text'; readonly valueS: Text; readonly random: boolean }
  | { readonly type: 'text-range'; readonly minS: Text; readonly maxS: Text }
  | { readonly type: 'constant'; readonly ms: number }
  | { readonly type: 'exponential'; readonly meanMs: number }
  | { readonly type: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'wait_global' }
  | { readonly type: 'wait_bidi' }

export type SetOption =
  | { readonly name: 'connect_timeout'; readonly ms: Text }
  | { readonly name: 'rate_limit'; readonly kibPerS: Text; readonly burstKib: Text }
  | { readonly name: 'certificate'; readonly certificate: Certificate }

/** What `<certificate>` names. */
export interface Certificate {
  readonly ca: CertificateFile | null
  readonly key: CertificateFile | null
  readonly passphrase: Text | null
  readonly cert: CertificateFile | null
}

/** Already read; or, when there are markers in it, a path that the launcher reads when it knows it. */
export type CertificateFile = { readonly pem: string } | { readonly path: Text }
