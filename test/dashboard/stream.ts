import { type ClientRequest, get, type IncomingMessage } from 'node:http'

export interface Message {
  readonly id: string
  readonly type: string
  readonly data: unknown
}

/** Server-sent events, read as a browser does. Close it. */
export class EventStream {
  readonly messages: Message[] = []
  status = 0
  readonly #request: ClientRequest
  #over = false
  #onChange: () => void = () => undefined

  constructor(url: string, headers: { readonly [name: string]: string } = {}) {
    this.#request = get(url, { headers, agent: false }, (response) => this.#read(response))
    this.#request.on('error', () => this.#end())
  }

  close(): void {
    this.#request.destroy()
  }

  /** Waits for a message. @throws when the stream ends before it */
  async next(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(wanted)
      if (found !== undefined) return found
      if (this.#over) throw new Error(`it ended with ${this.messages.map(({ type }) => type)}`)
      await this.#change()
    }
  }

  /** Resolves when the other side has hung up. */
  async ended(): Promise<void> {
    while (!this.#over) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve
    })
  }

  #read(response: IncomingMessage): void {
    this.status = response.statusCode ?? 0
    let text = ''
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) this.#take(block)
      this.#onChange()
    })
    response.on('error', () => undefined)
    response.on('close', () => this.#end())
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]),
    )
    const data = fields.get('data')
    if (data === undefined) return
    const type = fields.get('event') ?? ''
    this.messages.push({ id: fields.get('id') ?? '', type, data: JSON.parse(data) as unknown })
  }

  #end(): void {
    this.#over = true
    this.#onChange()
  }
}
