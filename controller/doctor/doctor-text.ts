/** What `tsts doctor` prints: one line a finding, for people or for machines. */
import { plural, printable } from '../outputs/format.ts'
import type { Examined, Finding, Status } from './model.ts'

/** Changes whenever a field changes its meaning or goes away. */
const doctorVersion = 1

/**
 * Hosts in the scenario's order.
 *
 * @param isBrief what is well is left out
 */
export function doctorText(
  all: readonly Examined[],
  exitCode: number,
  isBrief: boolean = false,
): string {
  const hosts = Math.max(...all.map(({ host }) => host.length))
  const rows = all.flatMap(({ host, findings }) =>
    findings
      .filter(({ status }) => !isBrief || status !== 'ok')
      .map((each) => `${line(host.padEnd(hosts), each)}\n`),
  )
  return `${rows.join('')}${summaryLine(all, exitCode)}\n`
}

function line(host: string, { check, status, text, remedy }: Finding): string {
  const told = printable(remedy === null ? text : `${text}; do: ${remedy}`)
  return `${printable(host)}  ${check.padEnd(11)}  ${status.padEnd(7)}  ${told}`
}

function summaryLine(all: readonly Examined[], exitCode: number): string {
  const found = all.flatMap(({ findings }) => findings)
  const count = (status: Status): number => found.filter((each) => each.status === status).length
  const unusable = all.filter(({ isUsable }) => !isUsable).length
  const parts = [
    plural(all.length, 'host'),
    ...(unusable > 0 ? [`${unusable} of them cannot be used`] : []),
    plural(count('fault'), 'fault'),
    plural(count('warning'), 'warning'),
  ]
  return `${parts.join(', ')}: exit code ${exitCode}`
}

/** The schema is told in docs/doctor.md. */
export function doctorJson(scenario: string, all: readonly Examined[], exitCode: number): string {
  const told = { version: doctorVersion, scenario, exitCode, hosts: all }
  return `${JSON.stringify(told, null, 2)}\n`
}
