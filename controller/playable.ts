/** Whether a scenario that is valid can be played by this version, here. */
import type { Diagnostic } from '../core/scenario/errors.ts'
import type { Scenario } from '../core/scenario/model.ts'
import type { PluginFile } from './fleet/model.ts'

/** What is played, and what is kept of it in the run's folder. */
export interface Playable {
  readonly scenario: Scenario
  /** Its text, entities expanded. */
  readonly expandedXml: string
  readonly sha256: string
  /** Where its files are looked for, absolute. */
  readonly folder: string
  /** Of the protocols that are not ours. */
  readonly plugins?: readonly PluginFile[]
}

/** Indexes of the sessions that some user may play. */
export function chosenSessions(scenario: Scenario): ReadonlySet<number> {
  const chosen = new Set<number>()
  for (const { shares } of scenario.load.phases) {
    for (const [session, share] of shares.entries()) if (share > 0) chosen.add(session)
  }
  for (const { session } of scenario.load.users) chosen.add(session)
  return chosen
}

/** What of `diagnostics` forbids a run: errors, and what cannot be played but could be chosen. */
export function refusals(
  diagnostics: readonly Diagnostic[],
  chosen: ReadonlySet<number>,
): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ severity, session }) =>
      severity === 'error' ||
      (severity === 'unplayable' && (session === undefined || chosen.has(session))),
  )
}

/** The scenario without what nobody plays: launchers get the actions of chosen sessions alone. */
export function withoutUnchosen(scenario: Scenario, chosen: ReadonlySet<number>): Scenario {
  const played = scenario.sessions.find((_, index) => chosen.has(index))
  const sessions = scenario.sessions.map((session, index) =>
    chosen.has(index) ? session : { ...session, type: played?.type ?? session.type, actions: [] },
  )
  return { ...scenario, sessions }
}
