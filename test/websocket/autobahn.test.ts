/** Against the server of the Autobahn project, which knows nothing of `ws` or of us. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { requirePath } from '../support/peers.ts'
import {
  ask,
  booksOf,
  close,
  errorsOf,
  hit,
  message,
  playSession,
} from '../support/websocket-play.ts'

/** Debian's, for which its libraries are. */
const python = '/usr/bin/python3'
const library = '/usr/lib/python3/dist-packages/autobahn'
const script = fileURLToPath(new URL('../support/autobahn-server.py', import.meta.url))

describe('WebSocket with Autobahn as the server', () => {
  let child: ChildProcess
  let port: number

  before(async function () {
    requirePath(this, library, 'apt-get install python3-autobahn')
    child = spawn(python, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = ''
    while (!/listening \d+\n/.test(told)) told += String((await once(child.stdout!, 'data'))[0])
    port = Number(/listening (\d+)/.exec(told)![1])
  })
  after(() => void child?.kill())

  for (const compression of ['off', 'message', 'stream']) {
    it(`says back all that is sent, fragments, pings and close included (compression: ${compression})`, async () => {
      const lengths = [0, 1, 125, 126, 1000, 70_000]
      const texts = lengths.map((length) => 'tsts wörks '.repeat(length / 10 + 1).slice(0, length))
      const messages = texts.map((text) =>
        message(
          text,
          `frame="text" fragment="${text.length % 2 === 0 ? 0 : 300}"`,
          hit('^(tsts|t?$)'),
        ),
      )
      const varied = `<for var="i" from="1" to="20" incr="1">${message('%%_i%% of twenty', '', hit('of twenty'))}</for>`
      const played = await playSession(
        ask('connect', `origin="http://127.0.0.1" compression="${compression}"`) +
          messages.join('') +
          varied +
          close,
        port,
      )
      assert.deepEqual(errorsOf(played), {})
      const all = 1 + texts.length + 20 + 1
      assert.deepEqual(booksOf(played), [all, all, 0, 0])
      assert.equal(played.counters['match'], texts.length + 20)
      assert.equal(played.counters['websocket_close_1000'], 1)
    })
  }
})
