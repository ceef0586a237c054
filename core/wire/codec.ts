/**
 * Messages as JSON lines. A message whose text is longer than a line may be travels in numbered chunks.
 *
 * The decoder is a push parser: any cut of the bytes gives the same messages, garbage is reported and skipped, and
 * what it keeps is bounded.
 */
import { type MessageChunk, maxLineBytes } from './messages.ts'

/** Bytes of a chunk's line that are not its text, at most. */
const chunkFrameBytes = 128
/** Characters of text in one chunk: one has at most 3 bytes in UTF-8, a quote or backslash is escaped into 2. */
const chunkCharacters = Math.floor((maxLineBytes - chunkFrameBytes) / 3)
/** Half-received messages that are kept at a time (then the oldest goes), and characters in all of them together. */
const maxOpenMessages = 64
const maxOpenCharacters = 256 * 1024 * 1024
/** Characters of a stray line that are reported. */
const strayCharacters = 500
const maxParts = 10_000

/** Tells the messages of one process apart; what passes through another is numbered anew. */
let chunkedMessages = 0

/** The line, or the lines, of a message; each ends with a line feed and has at most `maxLineBytes` bytes. */
export function encodeLine(message: object): string[] {
  const text = JSON.stringify(message)
  if (text.length * 3 < maxLineBytes) return [`${text}\n`]
  const parts = chunkTexts(text)
  const id = ++chunkedMessages
  return parts.map((each, part) => {
    const chunk: MessageChunk = { type: 'chunk', id, part, parts: parts.length, text: each }
    return `${JSON.stringify(chunk)}\n`
  })
}

/** Cuts a text, never inside a surrogate pair. */
function chunkTexts(text: string): string[] {
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + chunkCharacters)
    const last = text.charCodeAt(to - 1)
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--
    parts.push(text.slice(from, to))
    from = to
  }
  return parts
}

/** A message of which some parts are missing. */
interface OpenMessage {
  readonly parts: string[]
  left: number
  characters: number
}

export class LineDecoder {
  readonly #onMessage: (value: unknown) => void
  readonly #onStray: (text: string) => void
  readonly #text = new TextDecoder()
  readonly #open = new Map<number, OpenMessage>()
  #openCharacters = 0
  #rest = ''
  /** The rest of an over-long line is being skipped. */
  #skipping = false

  /** @param onStray gets the beginning of each line that is no message */
  constructor(onMessage: (value: unknown) => void, onStray: (text: string) => void) {
    this.#onMessage = onMessage
    this.#onStray = onStray
  }

  push(bytes: Uint8Array): void {
    const text = this.#rest + this.#text.decode(bytes, { stream: true })
    let from = 0
    for (;;) {
      const end = text.indexOf('\n', from)
      if (end < 0) break
      if (this.#skipping) this.#skipping = false
      else this.#line(text.slice(from, end))
      from = end + 1
    }
    this.#rest = this.#skipping ? '' : text.slice(from)
    if (this.#rest.length <= maxLineBytes) return
    this.#stray(this.#rest)
    this.#rest = ''
    this.#skipping = true
  }

  #line(line: string): void {
    if (line === '') return
    const value = line.length > maxLineBytes ? null : parseObject(line)
    if (value === null) this.#stray(line)
    else if (!('type' in value) || value.type !== 'chunk') this.#onMessage(value)
    else if (isChunk(value)) this.#chunk(value)
    else this.#stray(line)
  }

  #chunk({ id, part, parts, text }: MessageChunk): void {
    const open = this.#open.get(id) ?? this.#openMessage(id, parts)
    if (parts !== open.parts.length || open.parts[part] !== undefined) {
      this.#stray(`part ${part} of message ${id} is out of place`)
      return
    }
    open.parts[part] = text
    open.characters += text.length
    this.#openCharacters += text.length
    if (this.#openCharacters > maxOpenCharacters) {
      this.#drop(id, 'messages in parts are too long')
    } else if (--open.left === 0) {
      const whole = open.parts.join('')
      this.#drop(id, null)
      const value = parseObject(whole)
      if (value === null || isChunk(value)) this.#stray(whole)
      else this.#onMessage(value)
    }
  }

  #openMessage(id: number, parts: number): OpenMessage {
    if (this.#open.size >= maxOpenMessages) {
      const [oldest] = this.#open.keys()
      this.#drop(oldest!, 'too many messages in parts')
    }
    const open: OpenMessage = { parts: new Array<string>(parts), left: parts, characters: 0 }
    this.#open.set(id, open)
    return open
  }

  #drop(id: number, why: string | null): void {
    this.#openCharacters -= this.#open.get(id)?.characters ?? 0
    this.#open.delete(id)
    if (why !== null) this.#stray(`${why}: message ${id} is given up`)
  }

  #stray(text: string): void {
    this.#onStray(text.slice(0, strayCharacters))
  }
}

/** Null when the text is no JSON object. */
function parseObject(text: string): object | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  return typeof value === 'object' && !Array.isArray(value) ? value : null
}

function isChunk(value: object): value is MessageChunk {
  const { type, id, part, parts, text } = value as Partial<MessageChunk>
  if (type !== 'chunk' || typeof text !== 'string') return false
  if (!isCount(id) || !isCount(part) || !isCount(parts)) return false
  return part < parts && parts <= maxParts
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
