/**
 * journal.ndjson: what the controller of a run has heard, told and decided, in order, so that another one can take its
 * place. It goes when the run is over.
 *
 * What is heard is written before its reception is told, and what is told is written before it is sent: a controller
 * that dies at any moment leaves a journal that agrees with what its launchers know. A new one does again what stands
 * in it: everything that depends on a clock, a link or a wish stands in it, all else follows.
 *
 *     head, planned, begun      once each: the run, its plan, its start
 *     heard, did                causes: a message of a launcher; something that we did by ourselves
 *     decided, told, event      what came of the cause before them
 */
import { closeSync, createReadStream, openSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type {
  AgentFacts,
  LauncherCommand,
  LauncherMessage,
  Ping,
  Pong,
  Rejoin,
} from '../core/wire/messages.ts'
import type { Environment, JudgedThreshold, RunEvent, SteeringChange } from './model.ts'

/** Changes whenever an entry changes its meaning. */
export const journalVersion = 2

/** Beyond it nothing more is written, and the run cannot be taken over: 60 launchers fill it in hours. */
const maxBytes = 4 * 1024 ** 3

export type JournalEntry =
  | { readonly type: 'head'; readonly version: number; readonly run: unknown }
  | {
      readonly type: 'planned'
      readonly seed: string
      readonly cores: readonly number[]
      readonly agents: readonly { readonly facts: AgentFacts; readonly folder: string }[]
    }
  | {
      readonly type: 'begun'
      /** Epoch ms. */
      readonly startedAt: number
      readonly environment: Environment
    }
  | Cause
  | { readonly type: 'decided'; readonly value: unknown }
  | Told
  | { readonly type: 'event'; readonly event: Omit<RunEvent, 'atMs'>; readonly epochMs: number }

/** What a launcher says that counts later, too. */
export type HeardMessage = Exclude<LauncherMessage, Ping | Pong | Rejoin>

export type Cause =
  | { readonly type: 'heard'; readonly launcher: number; readonly message: HeardMessage }
  | { readonly type: 'did'; readonly deed: Deed }

/** Numbered; a `setup` without what is in it. */
export interface Told {
  readonly type: 'told'
  readonly launcher: number
  readonly message: { readonly type: LauncherCommand['type']; readonly n: number }
}

/** What is done because of a clock, a link or a wish. Times are ms on the host's monotonic clock. */
export type Deed =
  | { readonly name: 'launch'; readonly launcher: number; readonly agent: number }
  | { readonly name: 'begin'; readonly startMs: number }
  | { readonly name: 'stop'; readonly graceMs: number; readonly atMs: number }
  | {
      readonly name: 'steer'
      readonly change: SteeringChange
      readonly atMs: number
      /** The one that is played: what `skipPhase` ends. */
      readonly phase: number
    }
  | { readonly name: 'lose'; readonly launcher: number; readonly how: string }
  | { readonly name: 'agent-lost' }
  | { readonly name: 'barrier-timeout' }
  | { readonly name: 'recall-timeout'; readonly id: string }
  | CutDeed

/** The run ends before its plan does. */
export interface CutDeed {
  readonly name: 'cut'
  readonly interrupted: boolean
  /** What it was ended by; null: something else. */
  readonly threshold: JudgedThreshold | null
}

export class Journal {
  readonly #path: string | null
  readonly #onTrouble: (text: string) => void
  #file: number | null = null
  #bytes = 0
  #pending: string[] = []
  /** Causes that are being dealt with: one inside another follows from it. */
  #depth = 0
  #sending: (() => void)[] = []
  /** Null: nothing is done again. */
  #decisions: unknown[] | null = null

  /**
   * @param folder of the run; null: nothing is kept
   * @param onTrouble told once when the disk takes no more
   */
  constructor(folder: string | null, onTrouble: (text: string) => void) {
    this.#path = folder === null ? null : journalPath(folder)
    this.#onTrouble = onTrouble
  }

  /** What stands in the journal is being done again. */
  get replaying(): boolean {
    return this.#decisions !== null
  }

  /** Begins a new one. */
  open(): void {
    this.#open('wx')
  }

  /** What is done now comes from the journal itself. */
  startReplay(): void {
    this.#decisions = []
  }

  /** Goes on behind what was done again. @param bytes up to where it is whole */
  endReplay(bytes: number): void {
    this.#decisions = null
    this.#bytes = bytes
    if (this.#path !== null) truncateSync(this.#path, bytes)
    this.#open('a')
  }

  /** Does what a cause leads to; nothing is sent before everything is written. */
  cause(cause: Cause, effect: () => void): void {
    if (this.#depth > 0 || this.replaying) {
      effect()
      return
    }
    this.#append(cause)
    this.#depth++
    try {
      effect()
    } finally {
      this.#depth--
      const sending = this.#sending.splice(0)
      if (sending.length > 0) this.commit()
      for (const send of sending) send()
    }
  }

  /** Does again what a cause led to, with what was decided then. */
  again(decisions: readonly unknown[], effect: () => void): void {
    this.#decisions = [...decisions]
    effect()
    this.#decisions = []
  }

  /** A value that another run of the same causes would not give. */
  decided<Value>(decide: () => Value): Value {
    if (this.#decisions !== null) {
      if (this.#decisions.length > 0) return this.#decisions.shift() as Value
      return decide()
    }
    const value = decide()
    this.#append({ type: 'decided', value })
    return value
  }

  note(entry: JournalEntry): void {
    if (!this.replaying) this.#append(entry)
  }

  /** Sends something when what led to it is written. */
  afterwards(send: () => void): void {
    if (this.#depth > 0) this.#sending.push(send)
    else {
      this.commit()
      send()
    }
  }

  /** Everything is with the system when it returns: it outlives this process. */
  commit(): void {
    if (this.#pending.length === 0) return
    const text = this.#pending.join('')
    this.#pending = []
    if (this.#file === null) return
    try {
      this.#bytes += writeSync(this.#file, text)
      if (this.#bytes > maxBytes) this.#giveUp('it has grown too long')
    } catch (error) {
      this.#giveUp((error as Error).message)
    }
  }

  /** The run is over, and told. */
  remove(): void {
    this.#close()
    if (this.#path !== null) rmSync(this.#path, { force: true })
  }

  #append(entry: JournalEntry): void {
    if (this.#file !== null) this.#pending.push(`${JSON.stringify(entry)}\n`)
  }

  #open(flags: 'wx' | 'a'): void {
    if (this.#path === null) return
    try {
      this.#file = openSync(this.#path, flags, 0o600)
    } catch (error) {
      this.#giveUp((error as Error).message)
    }
  }

  #giveUp(why: string): void {
    this.#close()
    if (this.#path !== null) rmSync(this.#path, { force: true })
    this.#onTrouble(`no other controller can take this run over: its journal is given up, ${why}`)
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}

/** A cause with all that came of it, or one of the first entries. */
export interface JournalGroup {
  readonly first: JournalEntry
  readonly decisions: readonly unknown[]
  /** `told` and `event`, in order. */
  readonly effects: readonly JournalEntry[]
  /** Where in the file it ends. */
  readonly endBytes: number
}

/** What stands in the journal of a folder. A last line that was not written whole is left out. */
export async function* readJournal(folder: string): AsyncGenerator<JournalGroup> {
  const lines = createInterface({ input: createReadStream(journalPath(folder)), crlfDelay: 0 })
  let group: {
    first: JournalEntry
    decisions: unknown[]
    effects: JournalEntry[]
    endBytes: number
  } | null = null
  let bytes = 0
  for await (const line of lines) {
    const entry = parsed(line)
    if (entry === null) break
    bytes += Buffer.byteLength(line) + 1
    const isEffect = entry.type === 'told' || entry.type === 'event'
    if (group !== null && (isEffect || entry.type === 'decided')) {
      if (entry.type === 'decided') group.decisions.push(entry.value)
      else group.effects.push(entry)
      group.endBytes = bytes
    } else {
      if (group !== null) yield group
      group = { first: entry, decisions: [], effects: [], endBytes: bytes }
    }
  }
  if (group !== null) yield group
}

function parsed(line: string): JournalEntry | null {
  try {
    return JSON.parse(line) as JournalEntry
  } catch {
    return null
  }
}

function journalPath(folder: string): string {
  return join(folder, 'journal.ndjson')
}
