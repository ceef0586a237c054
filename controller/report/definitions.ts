/** What the names and columns of a report mean, in a sentence each. */
import { type MetricName, metricNames } from '../../core/stats/names.ts'

const columns: { readonly [name: string]: string } = {
  count: 'how many values there are',
  'rate/s': 'count divided by the length of the run',
  mean: 'arithmetic mean',
  stddev: 'standard deviation: how far values usually are from the mean',
  p50: 'the median: half of all values are below it',
  p75: '75 % of all values are below it',
  p90: '90 % of all values are below it',
  p95: '95 % of all values are below it',
  p99: '99 % of all values are below it',
  'p99.9': '99.9 % of all values are below it',
  'p99.99': '99.99 % of all values are below it',
  'CPU max': 'the most CPU time in 10 s, in parts of one core',
  'GC max': 'the most time spent on collecting garbage in 10 s',
  'late p99 ms': '99 % of its requests left within this time after they were due',
  'loop delay max ms': 'the longest time in which the launcher could not react to anything',
  unknown: 'users of a lost launcher, whose end nobody knows',
  'clock offset ms': 'the monotonic clock of its host minus that of the controller’s host',
  'clock skew ms':
    'how far its clock of the run is ahead of the controller’s, and the bound of the error',
}

/** Null when the name needs no words, or they are the scenario's or a plugin's own. */
export function definition(name: string): string | null {
  const known =
    metricNames.find((each) => each.name === name) ??
    metricNames.filter((each) => isOfFamily(each, name)).sort(byLength)[0]
  return known?.doc ?? null
}

export function columnDefinition(name: string): string | null {
  return columns[name] ?? null
}

/** `tr_…`, `error_foreach_…undef`: what stands for the dots varies. */
function isOfFamily({ name: family }: MetricName, name: string): boolean {
  const [before, after] = family.split('…')
  if (before === undefined || after === undefined) return false
  return (
    name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after)
  )
}

/** The family that says most of a name first. */
function byLength(a: MetricName, b: MetricName): number {
  return b.name.length - a.name.length
}
