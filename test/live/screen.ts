import { Writable } from 'node:stream'

const escapeCharacter = String.fromCharCode(27)
/** A control sequence, or one character. */
const tokens = new RegExp(`${escapeCharacter}\\[[?\\d;]*[A-Za-z]|.|\\n`, 'gsu')

/** A terminal of a given size that keeps what it was told. */
export class FakeTerminal extends Writable {
  columns: number
  rows: number
  readonly isTTY = true
  text = ''

  constructor(columns = 80, rows = 24) {
    super({ decodeStrings: false })
    this.columns = columns
    this.rows = rows
  }

  /** As terminals do that break long lines in two when they become narrower, and join them again. */
  resize(columns: number, rows: number): void {
    const broken = this.screen().flatMap((line) => {
      const characters = [...line]
      const count = Math.max(1, Math.ceil(characters.length / columns))
      return Array.from({ length: count }, (_, at) =>
        characters.slice(at * columns, (at + 1) * columns).join(''),
      )
    })
    this.text = broken.join('\n')
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  /**
   * What stands on the screen: line feeds, carriage returns, erasures and cursor movements applied.
   *
   * @throws {Error} on a control sequence that it does not know
   */
  screen(): string[] {
    const lines: string[] = ['']
    let row = 0
    let column = 0
    for (const [token] of this.text.matchAll(tokens)) {
      if (token === '\n') {
        row++
        column = 0
        while (lines.length <= row) lines.push('')
      } else if (token === '\r') column = 0
      else if (token.length === 1 || !token.startsWith('\u001b')) {
        lines[row] = put(lines[row]!, column++, token)
      } else {
        const count = Number(/\d+/.exec(token)?.[0] ?? 1)
        switch (token.at(-1)) {
          case 'A':
            row = Math.max(0, row - count)
            break
          case 'B':
            row += count
            while (lines.length <= row) lines.push('')
            break
          case 'J':
            lines.length = row + 1
            lines[row] = lines[row]!.slice(0, column)
            break
          case 'G':
            column = count - 1
            break
          case 'K':
            lines[row] = token.includes('2') ? '' : [...lines[row]!].slice(0, column).join('')
            break
          case 'h':
          case 'l':
          case 'm':
            break
          default:
            throw new Error(`unknown control sequence ${JSON.stringify(token)}`)
        }
      }
    }
    return lines.map((line) => line.trimEnd())
  }
}

function put(line: string, column: number, character: string): string {
  const characters = [...line.padEnd(column)]
  characters[column] = character
  return characters.join('')
}
