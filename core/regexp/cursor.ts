import { RegexpError } from './pattern.ts'

/** A place in an expression while it is read. */
export class Cursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The byte here; goes behind it. */
  next(): number {
    return this.text.charCodeAt(this.at++)
  }

  sees(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  /** Goes behind a text if it stands here. */
  take(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  /** @param form sticky; goes behind what it matches here */
  match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.at
    const found = form.exec(this.text)
    if (found !== null) this.at = form.lastIndex
    return found
  }

  expect(form: RegExp): RegExpExecArray {
    const start = this.at
    const found = this.match(form)
    if (found !== null) return found
    const rest = this.text.slice(Math.max(0, start - 3), start + 10)
    throw new RegexpError('invalid', `it cannot be read at "${rest}"`)
  }
}
