/** Asks on the terminal for what must not be seen: a password, a passphrase. */
import type { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'

const ENTER = ['\r', '\n']
/** Ctrl-C, Ctrl-D. */
const CANCEL = ['\u0003', '\u0004']
const BACKSPACE = ['\u007f', '\b']

/**
 * One question at a time, in the order in which they come: several hosts may ask at once.
 *
 * @returns null when there is no terminal, or the answer was refused (Ctrl-C, Ctrl-D)
 */
export class SecretPrompt {
  readonly #input: ReadStream | null
  readonly #output: Writable
  #last: Promise<unknown> = Promise.resolve()

  /** @param input null when standard input is no terminal */
  constructor(input: ReadStream | null, output: Writable) {
    this.#input = input
    this.#output = output
  }

  readonly ask = (question: string): Promise<string | null> => {
    const answer = this.#last.then(() => this.#askNow(question))
    this.#last = answer
    return answer
  }

  #askNow(question: string): Promise<string | null> {
    const input = this.#input
    if (input === null) return Promise.resolve(null)
    this.#output.write(question)
    input.setRawMode(true)
    input.resume()
    return new Promise((resolve) => {
      let text = ''
      const end = (answer: string | null): void => {
        input.off('data', onData)
        input.setRawMode(false)
        input.pause()
        this.#output.write('\n')
        resolve(answer)
      }
      const onData = (bytes: Buffer): void => {
        for (const character of bytes.toString()) {
          if (ENTER.includes(character) || CANCEL.includes(character)) {
            end(ENTER.includes(character) ? text : null)
            return
          }
          text = BACKSPACE.includes(character) ? text.slice(0, -1) : text + character
        }
      }
      input.on('data', onData)
    })
  }
}
