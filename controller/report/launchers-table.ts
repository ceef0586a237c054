/** How the launchers of a run fared, a row each. */
import type { LauncherReport } from '../model.ts'
import { bytesText, countText, durationText, msText } from '../outputs/format.ts'
import type { Summary } from '../outputs/summary.ts'
import { html, type Markup } from './html.ts'
import { table } from './tables.ts'

/** Rows at most; those that were lost, and the latest ones, come first then. */
const rowsMax = 100

export function launchersTable({ launchers }: Summary): Markup | null {
  if (launchers.length === 0) return null
  const head = ['launcher', 'host', 'state', 'users planned', 'users started', 'users finished']
  const more = [
    'unknown',
    'late p99 ms',
    'loop delay max ms',
    'CPU',
    'CPU max',
    'GC max',
    'memory max',
  ]
  const ends = ['descriptors max', 'last heard']
  const clocks = ['clock offset ms', 'clock skew ms']
  const rows = worstFirst(launchers).map((launcher) => [
    String(launcher.launcher),
    html`<td class="text">${launcher.host}</td>`,
    html`<td class="${launcher.state === 'lost' ? 'text bad' : 'text'}">${launcher.state}</td>`,
    countText(launcher.plannedUsers),
    countText(launcher.startedUsers),
    countText(launcher.finishedUsers),
    unknownText(launcher),
    msText(launcher.lateP99Ms),
    msText(launcher.loopDelayMaxMs),
    percentOf(launcher.cpuMs, launcher.lastHeardMs),
    ...strainCells(launcher),
    bytesText(launcher.rssBytesMax),
    countText(launcher.strain?.descriptorsMax ?? 0),
    durationText(launcher.lastHeardMs),
    ...clockCells(launcher),
  ])
  return table(
    launchers.length > rowsMax
      ? `${rowsMax} of ${countText(launchers.length)} launchers, the worst first; CPU in parts of one core`
      : 'Launchers and how they fared; CPU in parts of one core',
    [...head, ...more, ...ends, ...clocks],
    rows,
  )
}

/** Those it held, and at most those that became due afterwards. */
function unknownText({ unknownUsers, maybeStartedUsers }: LauncherReport): string {
  if (maybeStartedUsers === 0) return countText(unknownUsers)
  return `${countText(unknownUsers)} to ${countText(unknownUsers + maybeStartedUsers)}`
}

function clockCells({ clock }: LauncherReport): readonly string[] {
  if (clock === null) return ['', '']
  const { offsetMs, skewMs, errorMs } = clock
  return [offsetMs.toFixed(2), `${skewMs.toFixed(2)} ± ${errorMs.toFixed(2)}`]
}

/** Folders of an earlier version do not tell them. */
function strainCells({ strain }: Partial<LauncherReport>): readonly string[] {
  if (strain === undefined) return ['', '']
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
  return [percent(strain.cpuShareMax), percent(strain.gcShareMax)]
}

function worstFirst(launchers: readonly LauncherReport[]): readonly LauncherReport[] {
  if (launchers.length <= rowsMax) return launchers
  const lost = ({ state }: LauncherReport): number => (state === 'lost' ? 0 : 1)
  return [...launchers]
    .sort((a, b) => lost(a) - lost(b) || b.lateP99Ms - a.lateP99Ms)
    .slice(0, rowsMax)
}

function percentOf(partMs: number, wholeMs: number): string {
  return wholeMs > 0 ? `${((100 * partMs) / wholeMs).toFixed(0)} %` : ''
}
