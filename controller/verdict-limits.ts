/** From where on a run is suspect or invalid; each limit can be changed by `--verdict`. */
import { nearest } from '../core/scenario/suggest.ts'
import { UsageError } from './usage-error.ts'

export type LimitName =
  | 'started'
  | 'late_p99'
  | 'stall'
  | 'loop_p99'
  | 'cpu'
  | 'gc'
  | 'steal'
  | 'own_errors'
  | 'ports'
  | 'descriptors'
  | 'memory'
  | 'clock'

export interface LimitDeclaration {
  readonly name: LimitName
  readonly unit: 'ms' | 'share'
  /** Which side of the limit is bad. */
  readonly bad: 'above' | 'below'
  /** Null: never. */
  readonly suspect: number | null
  readonly invalid: number | null
  readonly code: string
  readonly doc: string
}

/** Length of the spans over which CPU, garbage collection, steal and the usual loop delay are looked at, in ms. */
export const spanMs = 10_000

/** In the order in which they are told. */
export const limitDeclarations: readonly LimitDeclaration[] = [
  {
    name: 'started',
    unit: 'share',
    bad: 'below',
    suspect: 0.999,
    invalid: 0.99,
    code: 'V_NOT_STARTED',
    doc: 'users started, of those planned: of the run, of each phase, of each launcher',
  },
  {
    name: 'late_p99',
    unit: 'ms',
    bad: 'above',
    suspect: 10,
    invalid: 100,
    code: 'V_LATE',
    doc: 'p99 of late of a launcher',
  },
  {
    name: 'stall',
    unit: 'ms',
    bad: 'above',
    suspect: 500,
    invalid: 5000,
    code: 'V_STALLED',
    doc: 'longest time for which a launcher did nothing at all',
  },
  {
    name: 'loop_p99',
    unit: 'ms',
    bad: 'above',
    suspect: 50,
    invalid: 500,
    code: 'V_LOOP',
    doc: 'p99 of the event-loop delay of a launcher, over 10 s',
  },
  {
    name: 'cpu',
    unit: 'share',
    bad: 'above',
    suspect: 0.95,
    invalid: null,
    code: 'V_CPU',
    doc: 'CPU time of a launcher, of one core, over 10 s',
  },
  {
    name: 'gc',
    unit: 'share',
    bad: 'above',
    suspect: 0.25,
    invalid: 0.5,
    code: 'V_GC',
    doc: 'time a launcher spent on garbage collection, over 10 s',
  },
  {
    name: 'steal',
    unit: 'share',
    bad: 'above',
    suspect: 0.1,
    invalid: 0.3,
    code: 'V_STEAL',
    doc: 'CPU time that the hypervisor took from the host of a launcher, over 10 s',
  },
  {
    name: 'own_errors',
    unit: 'share',
    bad: 'above',
    suspect: 0,
    invalid: 0.001,
    code: 'V_OWN_LIMIT',
    doc: 'connections that a launcher could not open for want of ports, descriptors or memory, of its requests',
  },
  {
    name: 'ports',
    unit: 'share',
    bad: 'above',
    suspect: 0.9,
    invalid: null,
    code: 'V_PORTS',
    doc: 'ports of a source address that connections and TIME_WAIT hold at once, of those it has',
  },
  {
    name: 'descriptors',
    unit: 'share',
    bad: 'above',
    suspect: 0.95,
    invalid: null,
    code: 'V_DESCRIPTORS',
    doc: 'descriptors in use, of those that a launcher may have',
  },
  {
    name: 'memory',
    unit: 'share',
    bad: 'above',
    suspect: 0.9,
    invalid: null,
    code: 'V_MEMORY',
    doc: 'memory of the launchers of a host, of all it has',
  },
  {
    name: 'clock',
    unit: 'ms',
    bad: 'above',
    suspect: 5,
    invalid: null,
    code: 'V_CLOCKS',
    doc: 'error of the clocks of hosts that <interaction> compares, when it is over 5 % of the median, too',
  },
]

export interface Limit {
  readonly suspect: number | null
  readonly invalid: number | null
}

export type Limits = { readonly [Name in LimitName]: Limit }

export const defaultLimits: Limits = Object.fromEntries(
  limitDeclarations.map(({ name, suspect, invalid }) => [name, { suspect, invalid }]),
) as Limits

/**
 * `late_p99=20ms/200ms,cpu=off`: suspect, then invalid; one value alone moves invalid only as far as it must.
 *
 * @throws {UsageError}
 */
export function parseLimits(texts: readonly string[]): Limits {
  const limits: { -readonly [Name in LimitName]: Limit } = { ...defaultLimits }
  for (const text of texts.flatMap((each) => each.split(','))) {
    const [name = '', values] = text.split('=').map((part) => part.trim())
    const declaration = limitDeclarations.find((each) => each.name === name)
    if (declaration === undefined || values === undefined) throw unknownLimit(text, name)
    limits[declaration.name] = limitOf(declaration, values, text)
  }
  return limits
}

function unknownLimit(text: string, name: string): UsageError {
  const names = limitDeclarations.map((each) => each.name)
  const near = nearest(name, names)
  const hint = near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`
  return new UsageError(`--verdict wants NAME=SUSPECT/INVALID, not "${text}" (${hint})`)
}

function limitOf(declaration: LimitDeclaration, values: string, text: string): Limit {
  const [first = '', second, ...more] = values.split('/').map((part) => part.trim())
  if (more.length > 0) throw new UsageError(`--verdict: "${text}" has more than two values`)
  const suspect = numberOf(declaration, first, text)
  const isWorse = (a: number, b: number): boolean => (declaration.bad === 'above' ? a > b : a < b)
  if (second === undefined) {
    const { invalid } = declaration
    if (suspect === null || invalid === null) return { suspect, invalid: null }
    return { suspect, invalid: isWorse(suspect, invalid) ? suspect : invalid }
  }
  const invalid = numberOf(declaration, second, text)
  if (invalid !== null && (suspect === null || isWorse(suspect, invalid))) {
    throw new UsageError(`--verdict: in "${text}" a run is invalid before it is suspect`)
  }
  return { suspect, invalid }
}

/** Null: off. */
function numberOf({ unit, name }: LimitDeclaration, value: string, text: string): number | null {
  if (value === 'off') return null
  const [, digits, sign = ''] = /^(\d+(?:\.\d+)?)(ms|s|%)?$/.exec(value) ?? []
  const fits = unit === 'ms' ? sign !== '%' : sign === '%' || sign === ''
  if (digits === undefined || !fits) {
    const like = unit === 'ms' ? 'a time such as 20ms' : 'a share such as 99% or 0.99'
    throw new UsageError(`--verdict: ${name} wants ${like}, or off, not "${value}" in "${text}"`)
  }
  const number = Number(digits)
  if (sign === '%') return number / 100
  return sign === 's' ? number * 1000 : number
}
