/** How far the way to a host leads: name, key, login, Node, bundle. */
import type { AgentFacts } from '../../core/wire/messages.ts'
import type { SshErrorCode } from '../ssh/ssh-error.ts'
import { type Check, type Finding, fault, ok } from './model.ts'
import { type Place, word } from './remedy.ts'

/** The steps to an agent on another host, in order. */
const steps = ['reach', 'host-key', 'login', 'node', 'bundle'] as const satisfies Check[]
type Step = (typeof steps)[number]

/** At which step each error ends the way. */
const stepOf: { readonly [Code in SshErrorCode]: Step } = {
  E_SSH_UNREACHABLE: 'reach',
  E_SSH_TIMEOUT: 'reach',
  E_SSH_PROTOCOL: 'reach',
  E_SSH_LOST: 'reach',
  E_SSH_HOST_KEY: 'host-key',
  E_SSH_LOGIN: 'login',
  E_REMOTE_NODE: 'node',
  E_REMOTE: 'bundle',
}

/** How the same is asked once more. */
export interface Again {
  /** The command as it was given, e.g. `tsts doctor shop.xml`. */
  readonly again: string
  /** It sends Node already. */
  readonly sendsNode: boolean
}

/** Of a host whose agent said hello. @param tookMs from the first packet to it */
export function judgeReached(place: Place, facts: AgentFacts, tookMs: number): Finding[] {
  const seconds = (tookMs / 1000).toFixed(1)
  const texts: { readonly [Name in Step]: string } = {
    reach: `answers as ${facts.host}`,
    'host-key': 'is the one that is known',
    login: `takes us in, ready after ${seconds} s`,
    node: `${facts.node}`,
    bundle: 'is there',
  }
  const own = place.isLocal ? (['node', 'bundle'] as const) : steps
  return own.map((step) => ok(step, texts[step]))
}

/**
 * Of a host without an agent.
 *
 * @param reason in words
 * @param error what it was; null: the agent was started, and ended
 * @param again how to ask once more
 */
export function judgeUnreached(
  place: Place,
  reason: string,
  error: Error | null,
  { again, sendsNode }: Again,
): Finding[] {
  const { code = '', hint = null } = (error ?? {}) as { code?: string; hint?: string | null }
  const last: Step = code in stepOf ? stepOf[code as SshErrorCode] : 'bundle'
  const before = steps.slice(0, steps.indexOf(last))
  const passed: { readonly [Name in Step]: string } = {
    reach: 'answers',
    'host-key': 'is the one that is known',
    login: 'takes us in',
    node: 'is there',
    bundle: '',
  }
  const told = error === null ? `the agent ${reason}` : error.message
  const text = last === 'host-key' ? `${told}; make sure first that it is the host's own` : told
  return [
    ...(place.isLocal ? [] : before.map((step) => ok(step, passed[step]))),
    fault(last, text, remedyFor(last, place, hint, { again, sendsNode })),
  ]
}

/** @param hint of the error, which may name what mends it */
function remedyFor(
  step: Step,
  place: Place,
  hint: string | null,
  { again, sendsNode }: Again,
): string {
  const ssh = place.ssh.map(word).join(' ')
  switch (step) {
    case 'host-key': {
      const forget = /ssh-keygen -R .*$/.exec(hint ?? '')?.[0]
      const accept = `${again} --accept-new-host-keys`
      return forget === undefined ? accept : `${forget} && ${accept}`
    }
    case 'login':
      return ['ssh-copy-id', ...place.ssh.slice(1).map(word)].join(' ')
    case 'node':
      return sendsNode ? `${ssh} 'uname -sm; cat /etc/os-release'` : `${again} --send-node`
    case 'bundle':
      return place.isLocal ? 'npm run build' : `${ssh} 'df -h ~ /tmp; ls -ld ~/.cache'`
    case 'reach':
      return /^try: (.*)$/.exec(hint ?? '')?.[1] ?? `${ssh} true`
    default:
      return ssh
  }
}
