/** The target of the WebSocket scenarios: it says back what it hears, and keeps it without masks and keys. */

import { frame } from '../support/websocket-frames.ts'
import { type ScriptedTarget, Targets } from '../support/websocket-target.ts'
import type { Target } from './play.ts'
import type { Seen } from './target.ts'

const server = 'PORT-A'

export class WebsocketTarget implements Target {
  readonly seen: Seen[] = []
  readonly #targets = new Targets()
  #port = 0

  static async open(): Promise<WebsocketTarget> {
    const target = new WebsocketTarget()
    let scripted: ScriptedTarget
    // Sizes are equal in each run because a port has five digits.
    do scripted = await target.#listen()
    while (scripted.port < 10_000)
    target.#port = scripted.port
    return target
  }

  withPorts(text: string): string {
    return text.replaceAll(server, String(this.#port))
  }

  close(): Promise<void> {
    return this.#targets.close()
  }

  #listen(): Promise<ScriptedTarget> {
    return this.#targets.scripted({
      onOpen: ({ head, number }) => this.#keep(number, withoutKey(head)),
      onFrame: ({ opcode, payload, isFinal, isMasked }, { number, socket }) => {
        const how = `${isFinal ? 'whole' : 'part'} ${isMasked ? 'masked' : 'plain'}`
        this.#keep(number, `${opcode} ${how} ${payload}`)
        if (!payload.includes('no answer')) socket.write(frame(0x80 | opcode, payload))
      },
    })
  }

  #keep(number: number, bytes: string): void {
    this.seen.push({ server, connection: number - 1, bytes })
  }
}

/** Tsung's `Host` has no port. */
function withoutKey(head: string): string {
  return head.replace(/^(Sec-WebSocket-Key: )\S+/m, '$1KEY').replace(/^(Host: [^:\r]+):\d+/m, '$1')
}
