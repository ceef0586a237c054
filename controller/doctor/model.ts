/** What `tsts doctor` finds out about a host. */
import type { HostNeeds } from '../host-needs.ts'

/** In the order in which they are told. */
export const checks = [
  'reach',
  'host-key',
  'login',
  'node',
  'bundle',
  'clock',
  'link',
  'cores',
  'cpu',
  'memory',
  'descriptors',
  'ports',
  'taken',
  'settings',
  'addresses',
  'target',
  'runs',
] as const

export type Check = (typeof checks)[number]

/** `fault`: the plan cannot be played there as it stands. `warning`: it can, and something is to be known. */
export type Status = 'ok' | 'warning' | 'fault'

export interface Finding {
  readonly check: Check
  readonly status: Status
  /** One line. */
  readonly text: string
  /** What mends it, to be pasted: a command for a shell, or what to write into the scenario; null: nothing is wrong. */
  readonly remedy: string | null
}

export interface Examined {
  readonly host: string
  /** Its agent was there and answered. */
  readonly isUsable: boolean
  /** Of the plan; null: it was not reached, or nothing is played there. */
  readonly needs: HostNeeds | null
  readonly findings: readonly Finding[]
}

export function ok(check: Check, text: string): Finding {
  return { check, status: 'ok', text, remedy: null }
}

export function warning(check: Check, text: string, remedy: string): Finding {
  return { check, status: 'warning', text, remedy }
}

export function fault(check: Check, text: string, remedy: string): Finding {
  return { check, status: 'fault', text, remedy }
}
