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
  'clock offset ms': 'the monotonic clock of its host minus that of the controller’s host',
  'clock skew ms':
    'how far its clock of the run is ahead of the controller’s, and the bound of the error',
}

/** Null when the name needs no words, or they are the scenario's or a plugin's own. */
export function definition(name: string): string | null {
  const known =
    metricNames.find((each) => each.name === name) ??
    metricNames.find((each) => isFamily(each) && name.startsWith(each.name.slice(0, -1)))
  return known?.doc ?? null
}

export function columnDefinition(name: string): string | null {
  return columns[name] ?? null
}

/** `tr_…` and the like: the rest of the name varies. */
function isFamily({ name }: MetricName): boolean {
  return name.endsWith('…')
}
