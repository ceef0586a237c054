/** What makes a comparison doubtful: it is told before the numbers. */
import { countText, durationText, plural } from '../outputs/format.ts'
import type { ComparedRun } from './read-blocks.ts'

/** Shares of what was planned and delivered may differ so far before it is told. */
const loadTolerance = 0.01

/** Sentences about two runs, the gravest first; none when they can be compared. */
export function doubts(before: ComparedRun, after: ComparedRun): readonly string[] {
  return [
    ...[before, after].flatMap(ownDoubts),
    ...scenarios(before, after),
    ...loads(before, after),
    ...environments(before, after),
  ]
}

function ownDoubts({ name, summary }: ComparedRun): readonly string[] {
  if (summary === null) return [`${name} has no summary: it goes on, or was cut off`]
  const { status, reasons } = summary.verdict
  if (status === 'valid') return []
  return [
    `${name} is ${status}: ${reasons[0]?.text ?? 'no reason is told'}${
      reasons.length > 1 ? ` (and ${plural(reasons.length - 1, 'more reason')})` : ''
    }`,
  ]
}

function scenarios(
  { head: a, name }: ComparedRun,
  { head: b, name: later }: ComparedRun,
): string[] {
  if (a.scenario.sha256 === b.scenario.sha256) return []
  return [
    `the scenarios differ: ${a.scenario.file} of ${name}, ${b.scenario.file} of ${later}; another scenario is another load`,
  ]
}

function loads(before: ComparedRun, after: ComparedRun): string[] {
  const found: string[] = []
  const { head: a } = before
  const { head: b } = after
  if (a.plannedUsers !== b.plannedUsers || a.durationMs !== b.durationMs) {
    found.push(
      `another load was asked for: ${countText(a.plannedUsers)} users in ${durationText(a.durationMs)}, ` +
        `then ${countText(b.plannedUsers)} in ${durationText(b.durationMs)}`,
    )
  }
  const started = before.summary?.load.startedUsers ?? 0
  const startedLater = after.summary?.load.startedUsers ?? 0
  if (
    found.length === 0 &&
    Math.abs(started - startedLater) > loadTolerance * Math.max(started, startedLater)
  ) {
    found.push(
      `another load was delivered: ${countText(started)} users, then ${countText(startedLater)}`,
    )
  }
  if (a.arrivals !== b.arrivals) {
    found.push(`users arrived in another way: ${a.arrivals}, then ${b.arrivals}`)
  }
  return found
}

function environments({ head: a }: ComparedRun, { head: b }: ComparedRun): string[] {
  const found: string[] = []
  const { environment: first } = a
  const { environment: then } = b
  if (first.host !== then.host || first.cores !== then.cores) {
    found.push(
      `another machine made the load: ${first.host} (${plural(first.cores, 'core')}), then ${then.host} (${plural(then.cores, 'core')})`,
    )
  }
  if (first.node !== then.node || first.tsts !== then.tsts) {
    found.push(
      `another version made the load: tsts ${first.tsts} on Node ${first.node}, then tsts ${then.tsts} on Node ${then.node}`,
    )
  }
  if (a.launchers.length !== b.launchers.length) {
    found.push(
      `${plural(a.launchers.length, 'launcher')} made the load, then ${plural(b.launchers.length, 'launcher')}`,
    )
  }
  return found
}
