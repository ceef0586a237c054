/** Why a host could not be reached, or was lost, in words that say what to do. */
export class SshError extends Error {
  readonly code: SshErrorCode
  readonly hint: string | null

  constructor(code: SshErrorCode, text: string, hint: string | null = null) {
    super(text)
    this.code = code
    this.hint = hint
  }
}

export type SshErrorCode =
  /** No connection: refused, no route, no such name, no answer. */
  | 'E_SSH_UNREACHABLE'
  /** It answers, but does not get as far as a login in time. */
  | 'E_SSH_TIMEOUT'
  /** Its key is not known, not the one that is known, or revoked. */
  | 'E_SSH_HOST_KEY'
  /** It takes none of our keys and passwords. */
  | 'E_SSH_LOGIN'
  /** What it speaks is not what we speak. */
  | 'E_SSH_PROTOCOL'
  /** The connection broke. */
  | 'E_SSH_LOST'
  /** There is no Node of a supported version. */
  | 'E_REMOTE_NODE'
  /** A command there did not do what it should. */
  | 'E_REMOTE'
