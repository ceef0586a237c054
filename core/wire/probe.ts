/** What the controller asks an agent to find out about its host (`tsts doctor`), and what comes back. Times in ms. */
import type { Endpoint, SourceAddress } from '../scenario/model.ts'

/** Longest text of `take` and `give`, in characters: one byte each. */
export const maxTransfer: number = 256 * 1024
/** Longest spin of `cpu`, in ms. */
export const maxSpinMs: number = 2000

export type Question =
  | { readonly type: 'clock' }
  | { readonly type: 'system' }
  /** Every core is kept busy for `spinMs`. */
  | { readonly type: 'cpu'; readonly spinMs: number }
  | { readonly type: 'addresses'; readonly addresses: readonly SourceAddress[] }
  | {
      readonly type: 'targets'
      readonly servers: readonly Endpoint[]
      readonly timeoutMs: number
      /** Certificates are verified. */
      readonly verify: boolean
    }
  /** Of ports from `min` to `max`, both included. */
  | { readonly type: 'ports'; readonly min: number; readonly max: number }
  | { readonly type: 'runs' }
  /** The text is thrown away: how long it takes to arrive is the answer. */
  | { readonly type: 'take'; readonly text: string }
  | { readonly type: 'give'; readonly characters: number }

export type Answer =
  | ClockAnswer
  | SystemAnswer
  | CpuAnswer
  | { readonly type: 'addresses'; readonly addresses: readonly BoundAddress[] }
  | { readonly type: 'targets'; readonly targets: readonly ReachedTarget[] }
  | PortsAnswer
  | { readonly type: 'runs'; readonly runs: readonly OtherRun[] }
  | { readonly type: 'take'; readonly characters: number }
  | { readonly type: 'give'; readonly text: string }
  | Refused

/** It cannot be found out there. */
export interface Refused {
  readonly type: 'refused'
  readonly text: string
}

export type AnswerTo<Type extends Question['type']> = Extract<Answer, { readonly type: Type }>

export interface ClockAnswer {
  readonly type: 'clock'
  /** ms since 1970 by the host's wall clock, read now. */
  readonly epochMs: number
  /** The host's monotonic clock. */
  readonly monotonicMs: number
}

export interface SystemAnswer {
  readonly type: 'system'
  /** Who the agent is there. */
  readonly user: string
  readonly isRoot: boolean
  /** Of open files, as the login gave them; 0: unknown. Node raises the soft one to the hard one. */
  readonly softDescriptors: number
  readonly hardDescriptors: number
  /** Descriptors of all processes there may be, and of one process; 0: unknown. */
  readonly fileMax: number
  readonly nrOpen: number
  /** What new processes can use without swapping. */
  readonly memoryAvailableBytes: number
  /** Runnable processes, averaged over a minute. */
  readonly load1: number
  readonly somaxconn: number
  readonly interfaces: readonly NetworkInterface[]
}

export interface NetworkInterface {
  readonly name: string
  /** IPv4. */
  readonly address: string
  /** Bits of its network, 0..32. */
  readonly prefix: number
  readonly isLoopback: boolean
}

export interface CpuAnswer {
  readonly type: 'cpu'
  /** Cores that were kept busy, and those there are. */
  readonly busy: number
  readonly cores: number
  /** Share of the CPU time that the hypervisor kept to itself, 0..1: before, and while all cores were busy. */
  readonly stealIdle: number
  readonly stealBusy: number
  /** Share of the CPU time that others used before the spin, 0..1. */
  readonly usedIdle: number
  /** CPU time that the busy cores got, of what they asked for, 0..1. */
  readonly granted: number
}

export interface BoundAddress {
  readonly address: string
  /** Why it cannot be bound, as the system names it; null: it can. */
  readonly error: string | null
}

export interface ReachedTarget {
  readonly host: string
  readonly port: number
  /** What the name stands for there; null: it stands for nothing. */
  readonly address: string | null
  /** The host's own address on the way to it. */
  readonly from: string | null
  /** From the call to the connection; null: there was none. */
  readonly connectMs: number | null
  /** From the connection to the end of the TLS handshake; null: none, or it failed. */
  readonly tlsMs: number | null
  /** Of what failed: the system's or Node's; null: nothing did. */
  readonly code: string | null
  readonly text: string
}

export interface PortsAnswer {
  readonly type: 'ports'
  /** Ports of the range that a socket has: one that waits for connections, an open one, one in TIME_WAIT. */
  readonly taken: number
  /** Those on which somebody waits for connections, the lowest first. */
  readonly listening: readonly number[]
}

export interface OtherRun {
  /** Of its agent. */
  readonly pid: number
  /** Its folder there. */
  readonly folder: string
}
