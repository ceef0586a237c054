import type { Json, Progress } from './api.ts'

/** What is asked: an element, or the data that `parseRequest` makes of one. */
export interface ConformanceRequest {
  /** What stands in `<request>`, e.g. `<kv command="get" key="a"/>`; it is read as from a scenario. */
  readonly xml?: string
  /** Instead of `xml`: as `parseRequest` of the declaration made it. */
  readonly data?: Json
  /** Default `false`, or `true` when there are variables. */
  readonly subst?: 'true' | 'false' | 'all_except_body'
}

/** What comes of some bytes, or of an alarm. */
export interface ConformanceOutcome {
  readonly progress: Progress
  /** Exactly these, by name; a sample counts as one, a sum as what was added. */
  readonly counters: { readonly [name: string]: number }
  /** Byte string: all replies. Default: they are not looked at, as all that follows. */
  readonly replies?: string
  /** The counter that `fail` was told. */
  readonly failure?: string
  /** Whether `goOn` was called. */
  readonly goesOn?: boolean
  /** What `content` was told, together: a byte string. */
  readonly content?: string
}

/** A request and a recorded answer to it. */
export interface ConformanceExchange extends ConformanceRequest, ConformanceOutcome {
  /** Byte string: what `encode` gives. Default: it is not looked at. */
  readonly sent?: string
  /** Byte string: what one read of an idle connection to the end of the answer brings. */
  readonly answer: string
}

/** What happens on the same connection afterwards. */
export type ConformanceStep =
  | ({ readonly type: 'request' } & ConformanceExchange)
  /** Bytes that come while nothing is awaited. */
  | ({ readonly type: 'push'; readonly bytes: string } & ConformanceOutcome)
  /** The alarm goes off that was set for `afterMs`. */
  | ({ readonly type: 'alarm'; readonly afterMs: number } & ConformanceOutcome)

export interface ConformanceFixture extends ConformanceExchange {
  /** Unique among the fixtures. */
  readonly name: string
  /** `<option>` elements, with `xml`. */
  readonly optionsXml?: string
  /** Instead of `optionsXml`: as `parseOptions` made them; default null. */
  readonly options?: Json
  /** What the markers of the request stand for, by name; every one has to show in what is sent. */
  readonly variables?: { readonly [name: string]: string }
  /** The answer when the same is asked once more on the connection, where ids count on; default `answer`. */
  readonly again?: string
  /** The peer closes behind the answer; default false. */
  readonly closes?: boolean
  /** In order; the answer has to leave the connection open. */
  readonly steps?: readonly ConformanceStep[]
}
