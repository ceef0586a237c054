/** Answers that `<match do="dump">` keeps, a file each: `match-USER-SESSION-ACTION-N.dump`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Output } from '../model.ts'
import type { OnTrouble } from './sink.ts'

/** Files of a run; more of them tell nothing new and fill the folder. */
const maxFiles = 1000
/** What may wait for a disk that does not keep up, in bytes. */
const pendingMaxBytes = 64 * 1024 * 1024

/** An `answer` line. */
interface Answer {
  readonly user: number
  /** From 1. */
  readonly session: number
  readonly action: number
  /** A byte string. */
  readonly bytes: string
}

export function keptAnswers(options: { readonly onTrouble: OnTrouble }): Output {
  let folder = ''
  let files = 0
  let pendingBytes = 0
  let writing: Promise<void> = Promise.resolve()
  const told = new Set<string>()
  const trouble = (kind: string, text: string): void => {
    if (told.has(kind)) return
    told.add(kind)
    options.onTrouble(text)
  }
  const keep = (answer: Answer): void => {
    if (files >= maxFiles) {
      trouble('many', `${maxFiles} answers were kept (do="dump"): further ones are not`)
      return
    }
    if (pendingBytes + answer.bytes.length > pendingMaxBytes) {
      trouble('slow', 'the disk does not keep up, answers (do="dump") are left out')
      return
    }
    const { user, session, action, bytes } = answer
    const path = join(folder, `match-${user}-${session}-${action}-${++files}.dump`)
    pendingBytes += bytes.length
    writing = writing
      .then(() => writeFile(path, bytes, 'latin1'))
      .catch((error: Error) => trouble('disk', `cannot write ${path}: ${error.message}`))
      .finally(() => {
        pendingBytes -= bytes.length
      })
  }
  return {
    start(head): void {
      folder = head.folder
    },
    lines(stream, lines, launcher): void {
      if (stream !== 'answer') return
      for (const line of lines) {
        const answer = parseAnswer(line)
        if (answer !== null) keep(answer)
        else trouble('odd', `launcher ${launcher} sent an answer to keep that is none`)
      }
    },
    second(): void {
      // Answers come by themselves.
    },
    event(): void {
      // Events stand in events.ndjson.
    },
    end(): void {
      // Each file is whole.
    },
    async close(): Promise<void> {
      await writing
    },
  }
}

/** Null when it is none. */
function parseAnswer(line: string): Answer | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { user, session, action, bytes } = value as Partial<Answer>
  if (![user, session, action].every(Number.isSafeInteger) || typeof bytes !== 'string') return null
  return { user: user!, session: session!, action: action!, bytes }
}
