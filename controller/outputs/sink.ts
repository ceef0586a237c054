/** Where the text of an output goes. Nothing here ever throws into the run. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Writable } from 'node:stream'

export interface TextSink {
  write(text: string): void
  /** Everything written is out, or lost and reported, when it resolves. Never rejects. */
  close(): Promise<void>
}

/** Told once a file of the first thing that went wrong with it. */
export type OnTrouble = (text: string) => void

const flushEveryMs = 500
const flushAtChars = 64 * 1024
/** What may wait for a disk or a reader that does not keep up. */
const pendingMaxChars = 32 * 1024 * 1024
/** How long the end of a run waits for them, in ms. */
const defaultCloseMs = 30_000
/** A FIFO that nobody reads must not hold up a thread: opening and writing it fail instead. */
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK

/**
 * A file that is written in the background, in order.
 *
 * A full disk, an unwritable folder and the like are reported once; what could not be written is dropped, and the next
 * text is tried again. An existing file is replaced.
 */
export class FileSink implements TextSink {
  readonly #path: string
  readonly #onTrouble: OnTrouble
  readonly #encoding: 'utf8' | 'latin1'
  #handle: FileHandle | null = null
  #pending: string[] = []
  #pendingChars = 0
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()
  #reported = false
  #isClosed = false
  readonly #closeMs: number
  readonly #open: (path: string, flags: number) => Promise<FileHandle>

  /**
   * @param encoding `latin1` for byte strings
   * @param closeMs how long `close` waits for the disk
   * @param openFile the system's
   */
  constructor(
    path: string,
    onTrouble: OnTrouble,
    encoding: 'utf8' | 'latin1' = 'utf8',
    closeMs: number = defaultCloseMs,
    openFile: (path: string, flags: number) => Promise<FileHandle> = open,
  ) {
    this.#closeMs = closeMs
    this.#path = path
    this.#onTrouble = onTrouble
    this.#encoding = encoding
    this.#open = openFile
    this.#flush()
  }

  /** What comes after `close` is left out: the file would begin anew. */
  write(text: string): void {
    if (this.#isClosed) return
    if (this.#pendingChars + text.length > pendingMaxChars) {
      this.#report('the disk does not keep up, lines were dropped')
      return
    }
    this.#pending.push(text)
    this.#pendingChars += text.length
    if (this.#pendingChars >= flushAtChars) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), flushEveryMs).unref()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#flush()
    const isOut = await within(this.#closeMs, this.#writing)
    if (!isOut) {
      this.#report('the disk did not take it in time, its end is missing')
      return
    }
    try {
      await this.#handle?.close()
    } catch (error) {
      this.#report(reason(error))
    }
    this.#handle = null
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#writePending())
  }

  async #writePending(): Promise<void> {
    const text = this.#pending.join('')
    this.#pending = []
    try {
      this.#handle ??= await this.#open(this.#path, flags)
      if (text !== '') await this.#handle.appendFile(text, this.#encoding)
    } catch (error) {
      this.#report(reason(error))
    }
    this.#pendingChars -= text.length
  }

  #report(why: string): void {
    if (this.#reported) return
    this.#reported = true
    this.#onTrouble(`cannot write ${this.#path}: ${why}`)
  }
}

/** An open stream, such as standard output; it is not closed. */
export class StreamSink implements TextSink {
  readonly #stream: Writable
  readonly #onTrouble: OnTrouble
  readonly #closeMs: number
  #broken = false
  #isLeavingOut = false

  /**
   * @param onTrouble told once when the reader of the stream has gone, or takes nothing
   * @param closeMs how long `close` waits for it
   */
  constructor(stream: Writable, onTrouble: OnTrouble, closeMs: number = defaultCloseMs) {
    this.#closeMs = closeMs
    this.#stream = stream
    this.#onTrouble = onTrouble
    stream.on('error', (error) => {
      if (!this.#broken) onTrouble(`cannot write to the output stream: ${reason(error)}`)
      this.#broken = true
    })
  }

  write(text: string): void {
    if (this.#broken) return
    if (this.#stream.writableLength + text.length <= pendingMaxChars) this.#stream.write(text)
    else if (!this.#isLeavingOut) {
      this.#isLeavingOut = true
      this.#onTrouble('nobody reads the output stream: text was left out')
    }
  }

  async close(): Promise<void> {
    if (this.#broken || this.#stream.destroyed) return
    const isOut = new Promise<void>((resolve) => {
      this.#stream.once('close', resolve)
      this.#stream.write('', () => resolve())
    })
    if (!(await within(this.#closeMs, isOut)) && !this.#isLeavingOut) {
      this.#onTrouble('nobody reads the output stream: its end is missing')
    }
  }
}

/** Whether it came to its end in that time. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const isOver = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return isOver
}

/** What the system said, in words where its code has any. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return words[code] ?? error.message
}

const words: { readonly [code: string]: string } = {
  ENOSPC: 'the disk is full (ENOSPC)',
  EACCES: 'permission denied (EACCES)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOENT: 'its folder is not there (ENOENT)',
  EDQUOT: 'the disk quota is used up (EDQUOT)',
  ENXIO: 'it is a pipe that nobody reads (ENXIO)',
  EAGAIN: 'its reader does not keep up, lines were dropped (EAGAIN)',
}
