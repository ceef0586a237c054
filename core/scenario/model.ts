/**
 * The scenario: what a Tsung XML file says, as plain data that survives JSON.
 *
 * Times are in ms, rates in users per ms, sizes in bytes. Indexes count from 0 in document order.
 * Source: Tsung manual, "Understanding tsung.xml configuration file".
 */
import type { Json } from '../json.ts'

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
  readonly sessions: readonly Session[]
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
  readonly portsRange: { readonly min: number; readonly max: number } | null
  readonly tls: TlsOptions
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

export type Action =
  | RequestAction
  | { readonly type: 'thinktime'; readonly thinkTime: ThinkTime; readonly line: number }
  | {
      readonly type: 'transaction'
      readonly name: string
      readonly actions: readonly Action[]
      readonly line: number
    }
  | {
      readonly type: 'for'
      readonly variable: string
      readonly from: number
      readonly to: number
      readonly increment: number
      readonly actions: readonly Action[]
      readonly line: number
    }
  | { readonly type: 'set_option'; readonly option: SetOption; readonly line: number }

export interface RequestAction {
  readonly type: 'request'
  /** The plugin whose request it is, e.g. `ts_http`. */
  readonly plugin: string
  readonly ack: Ack
  readonly subst: 'true' | 'false' | 'all_except_body'
  readonly tag: string
  /** The plugin's own data (`PluginDeclaration.parseRequest`). */
  readonly data: Json
  /** One line for people: what is asked, e.g. `GET /index.html`. */
  readonly label: string
  readonly line: number
}

/** When a request is over. Source: reference tsung-core.md, 5.2. */
export type Ack = 'parse' | 'local' | 'global' | 'no_ack' | 'bidi_ack'

export type ThinkTime =
  | { readonly type: 'constant'; readonly ms: number }
  | { readonly type: 'exponential'; readonly meanMs: number }
  | { readonly type: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'wait_global' }
  | { readonly type: 'wait_bidi' }

export type SetOption =
  | { readonly name: 'connect_timeout'; readonly ms: number }
  | { readonly name: 'certificate'; readonly certificate: Certificate }

/** Files of a client certificate; already read, PEM text. */
export interface Certificate {
  readonly ca: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly cert: string | null
}
