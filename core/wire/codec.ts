/**
 * Messages as JSON lines. A message whose text is longer than a line may be travels in numbered chunks.
 *
 * The decoder is a push parser: any cut of the bytes gives the same messages, garbage is reported and skipped, and
 * what it keeps is bounded.
 */
import { type MessageChunk, maxLineBytes } from './messages.ts'

/** Characters of text in one chunk: at most 3 bytes each, and every one of them may be escaped by a backslash. */
const chunkCharacters = Math.floor(maxLineBytes / 7)
/** Half-received messages that are kept at a time, and characters in all of them together. */
const maxOpenMessages = 64
const maxOpenCharacters = 256 * 1024 * 1024
/** Characters of a stray line that are reported. */
const strayCharacters = 500

let chunkedMessages = 0

/** The line, or the lines, of a message; each ends with a line feed and has at most `maxLineBytes` bytes. */
export function encodeLine(message: object): string[] {
  const text = JSON.stringify(message)
  // A character has at most 3 bytes in UTF-8 (a surrogate pair has 4 for two).
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

export class LineDecoder {
  readonly #onMessage: (value: unknown) => void
  readonly #onStray: (text: string) => void
  readonly #text = new TextDecoder()
  readonly #open = new Map<number, { readonly parts: string[]; left: number }>()
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
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      this.#stray(line)
      return
    }
    if (typeof value !== 'object' || value === null) this.#stray(line)
    else if (isChunk(value)) this.#chunk(value)
    else this.#onMessage(value)
  }

  #chunk(chunk: MessageChunk): void {
    const { id, part, parts, text } = chunk
    let open = this.#open.get(id)
    if (open === undefined) {
      if (this.#open.size >= maxOpenMessages) {
        this.#stray('too many messages in parts')
        return
      }
      open = { parts: new Array<string>(parts), left: parts }
      this.#open.set(id, open)
    }
    if (part >= open.parts.length || open.parts[part] !== undefined) {
      this.#stray(`part ${part} of message ${id} is out of place`)
      return
    }
    this.#openCharacters += text.length
    if (this.#openCharacters > maxOpenCharacters) {
      this.#open.clear()
      this.#openCharacters = 0
      this.#stray('messages in parts are too long')
      return
    }
    open.parts[part] = text
    if (--open.left > 0) return
    this.#open.delete(id)
    const whole = open.parts.join('')
    this.#openCharacters -= whole.length
    this.#line(whole)
  }

  #stray(text: string): void {
    this.#onStray(text.slice(0, strayCharacters))
  }
}

function isChunk(value: object): value is MessageChunk {
  const chunk = value as Partial<MessageChunk>
  return (
    chunk.type === 'chunk' &&
    isCount(chunk.id) &&
    isCount(chunk.part) &&
    isCount(chunk.parts) &&
    chunk.parts! > 0 &&
    chunk.parts! <= 10_000 &&
    typeof chunk.text === 'string'
  )
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
