/** What Tsung does not have: several answers, deadlines, waiting for pushes, pings, compression, stamps. */
import assert from 'node:assert/strict'
import { type Played, pick } from '../support/play.ts'
import { frame, text } from '../support/websocket-frames.ts'
import {
  ask,
  booksOf,
  close,
  connect,
  errorsOf,
  hit,
  message,
  playSession,
  think,
} from '../support/websocket-play.ts'
import { type Script, Targets } from '../support/websocket-target.ts'

const targets = new Targets()

/** Says each word of a message, 20 ms apart. */
const slowly: Script = {
  onFrame: ({ opcode, payload }, { socket }) => {
    if (opcode === 8) socket.write(frame(0x88, payload))
    else if (opcode <= 2) {
      for (const [at, word] of payload.split(',').entries()) {
        setTimeout(() => socket.write(text(word)), 20 * at)
      }
    }
  },
}

describe('several messages for one request', () => {
  afterEach(() => targets.close())

  it('are waited for, and looked into together, whatever their order', async () => {
    const { port } = await targets.scripted(slowly)
    const checks = hit('^b$') + hit('c\\nb\\na')
    const played = await playSession(
      `${connect}${message('c,b,a,later', 'expect="3" deadline="5"', checks)}${think(60)}`,
      port,
    )
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(pick(played.counters, 'match', 'nomatch', 'websocket_messages'), {
      match: 1,
      nomatch: 1,
      websocket_messages: 4,
    })
    assert.ok(played.samples['request']!.max >= 38)
  })

  it('that do not all come in time fail the request; a late one answers nothing else', async () => {
    const target = await targets.scripted({
      onFrame: ({ payload }, { socket }) => {
        if (payload !== 'q') return void socket.write(text('r'))
        socket.write(text('one'))
        setTimeout(() => socket.write(text('late')), 120)
      },
    })
    const played = await playSession(
      `${connect}${message('q', 'expect="2" deadline="0.06"')}${think(100)}${message('s', '', hit('^r$'))}`,
      target.port,
    )
    assert.deepEqual(errorsOf(played), { error_websocket_deadline: 1 })
    assert.deepEqual(played.examples, ['error_websocket_deadline: 1 of 2 messages came in time'])
    assert.deepEqual(booksOf(played), [3, 2, 1, 0])
    assert.equal(played.counters['match'], 1)
  })

  it('are only those in which the expression is found, with the user’s own values in it', async () => {
    const { port } = await targets.scripted(slowly)
    const played = await playSession(
      `${connect}${message('noise,x 2,id 1,noise,id 1b', 'expect="2" expecting="^id %%_tsung_userid%%" deadline="5"', hit('^id 1\\nid 1b$'))}`,
      port,
    )
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    assert.equal(played.counters['match'], 1)
  })

  it('an expression that variables spoil fails the request', async () => {
    const { port } = await targets.scripted(slowly)
    const played = await playSession(
      `<setdynvars sourcetype="value" value="("><var name="x"/></setdynvars>${connect}${message('q', 'expecting="%%_x%%"')}${message('q')}`,
      port,
    )
    assert.deepEqual(errorsOf(played), { error_websocket_expecting: 1 })
    assert.deepEqual(booksOf(played), [3, 2, 1, 0])
  })
})

describe('waiting for what comes unasked', () => {
  afterEach(() => targets.close())

  const pushing = (...words: readonly string[]): Script => ({
    onOpen: ({ socket }) => {
      for (const [at, word] of words.entries()) setTimeout(() => socket.write(text(word)), 20 * at)
    },
  })

  it('counts what came before, and takes each message once', async () => {
    const target = await targets.scripted(pushing('a', 'b', 'c', 'd'))
    const played = await playSession(
      connect +
        think(30) +
        ask('receive', 'expect="3" deadline="5"', '', hit('^a\\nb\\nc$')) +
        ask('receive', '', '', hit('^d$')) +
        ask('receive', 'deadline="0.04"'),
      target.port,
    )
    assert.deepEqual(target.frames, [])
    assert.deepEqual(errorsOf(played), { error_websocket_deadline: 1 })
    assert.deepEqual(booksOf(played), [4, 3, 1, 0])
    assert.equal(played.counters['match'], 2)
  })

  it('is over at once where everything came before', async () => {
    const { port } = await targets.scripted(pushing('a', 'b', 'other'))
    const played = await playSession(
      `${connect}${think(80)}${ask('receive', 'expecting="other"', '', hit('^other$'))}${ask('receive', 'expect="2"', '', hit('^a\\nb$'))}`,
      port,
    )
    assert.deepEqual(booksOf(played), [3, 3, 0, 0])
    assert.equal(played.counters['match'], 2)
    assert.equal(played.samples['session']!.max < 400, true)
  })

  it('opens the WebSocket again, and what came before counts', async () => {
    const target = await targets.scripted({
      onOpen: ({ socket, number }) => {
        socket.write(text(`hello ${number}`))
        if (number === 1) setTimeout(() => socket.destroy(), 20)
      },
    })
    const played = await playSession(
      `${connect}${think(60)}${ask('receive', 'expect="2"', '', hit('^hello 1\\nhello 2$'))}`,
      target.port,
    )
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    assert.equal(played.counters['match'], 1)
  })

  it('keeps a bounded part of what nobody asks for', async () => {
    const { port } = await targets.scripted({
      onOpen: ({ socket }) => {
        for (let at = 0; at < 200; at++) socket.write(text('x'.repeat(1000)))
      },
    })
    const played = await playSession(
      `${connect}${think(80)}${ask('receive', 'expect="65"')}${ask('receive', 'deadline="0.03"')}`,
      port,
    )
    assert.deepEqual(errorsOf(played), {
      error_websocket_backlog: 135,
      error_websocket_deadline: 1,
    })
  })
})

describe('pings of ours', () => {
  afterEach(() => targets.close())

  it('are requests whose answer is their pong', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket }) => {
        if (opcode !== 9) return
        socket.write(frame(0x8a, 'another'))
        socket.write(text('push'))
        if (payload === 'now') setTimeout(() => socket.write(frame(0x8a, payload)), 20)
      },
    })
    const played = await playSession(
      `${connect}${ask('ping', '', 'now')}${ask('ping', 'deadline="0.04"', 'never')}${ask('ping', 'ack="no_ack"')}${think(40)}`,
      target.port,
    )
    assert.deepEqual(booksOf(played), [4, 2, 1, 1])
    assert.deepEqual(played.examples, ['error_websocket_deadline: no pong came in time'])
    assert.deepEqual(
      target.frames.map(({ opcode, payload }) => [opcode, payload]),
      [
        [9, 'now'],
        [9, 'never'],
        [9, ''],
      ],
    )
  })

  it('keep a connection alive, and notice one that is dead', async () => {
    let pings = 0
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket, number }) => {
        if (opcode === 9 && ++pings < 4) socket.write(frame(0x8a, payload))
        if (opcode === 2) socket.write(text(`${number}`))
      },
    })
    const played = await playSession(
      `${ask('connect', 'keepalive="0.03"')}${think(250)}${message('q', '', hit('^2$'))}`,
      target.port,
    )
    assert.deepEqual(errorsOf(played), { error_websocket_ping: 1 })
    assert.deepEqual(played.examples, ['error_websocket_ping: nothing came for 0.03 s'])
    assert.equal(pings, 4)
    assert.equal(played.counters['match'], 1)
  })

  it('a deadline also holds for connect and close', async () => {
    const silent = await targets.scripted({ answer: () => '' })
    const first = await playSession(`${ask('connect', 'deadline="0.04"')}`, silent.port)
    assert.deepEqual(first.examples, [
      'error_websocket_deadline: the handshake was not answered in time',
    ])
    const mute = await targets.scripted({})
    const second = await playSession(
      `${connect}${ask('close', 'deadline="0.04"')}${connect}`,
      mute.port,
    )
    assert.deepEqual(second.examples, ['error_websocket_deadline: no close came in time'])
    assert.deepEqual(booksOf(second), [3, 2, 1, 0])
  })
})

describe('compression', () => {
  afterEach(() => targets.close())

  const words = '{"price":%%_i%%,"name":"a name that comes back","list":[1,2,3]}'.repeat(20)
  const rounds = `<for var="i" from="1" to="30" incr="1">${message(words, 'frame="text"', hit('a name that comes back'))}</for>`

  for (const mode of ['message', 'stream'] as const) {
    it(`of each ${mode} is agreed on with ws, and saves bytes both ways`, async () => {
      const offers: (string | undefined)[] = []
      const target = await targets.ws({ perMessageDeflate: { threshold: 0 } })
      target.server.on('connection', (_socket, request) => {
        offers.push(request.headers['sec-websocket-extensions'])
      })
      const play = (attributes: string): Promise<Played> =>
        playSession(ask('connect', attributes) + rounds + close, target.port)
      const packed = await play(`compression="${mode}"`)
      const plain = await play('')
      assert.deepEqual(errorsOf(packed), {})
      assert.equal(packed.counters['match'], 30)
      assert.ok(packed.counters['size_sent']! * 3 < plain.counters['size_sent']!)
      assert.ok(packed.counters['size_rcv']! * 3 < plain.counters['size_rcv']!)
      const server = mode === 'message' ? '; server_no_context_takeover' : ''
      assert.deepEqual(offers, [
        `permessage-deflate; client_no_context_takeover${server}`,
        undefined,
      ])
    })
  }

  it('is left out where the server does not want it', async () => {
    const { port } = await targets.ws()
    const played = await playSession(ask('connect', 'compression="message"') + rounds, port)
    assert.deepEqual(errorsOf(played), {})
    assert.equal(played.counters['match'], 30)
  })

  it('goes with fragments, pushes and several answers', async () => {
    const target = await targets.ws({ perMessageDeflate: { threshold: 0 } }, (socket) => {
      socket.send('welcome')
      socket.on('message', (data, binary) => {
        for (const word of data.toString().split(',')) socket.send(word, { binary })
      })
    })
    const played = await playSession(
      ask('connect', 'compression="stream"') +
        ask('receive', '', '', hit('^welcome$')) +
        message('one,two,three', 'fragment="3" expect="3"', hit('^one\\ntwo\\nthree$')),
      target.port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.equal(played.counters['match'], 2)
  })
})

describe('stamped messages', () => {
  afterEach(() => targets.close())

  it('are measured by those who get them, asked for or not', async () => {
    const { port } = await targets.ws({}, (socket) => {
      socket.on('message', (data, binary) => {
        setTimeout(() => socket.send(data, { binary }), 30)
      })
    })
    const played = await playSession(
      `${connect}${message('hello', 'stamped="true"', hit('^@@@.*@@@hello$'))}${message('you', 'stamped="true" ack="no_ack"')}${think(90)}`,
      port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.equal(played.counters['match'], 1)
    assert.equal(played.taken['websocket_latency'], 2)
    assert.ok(played.samples['websocket_latency']!.max >= 28)
  })

  it('have the stamp where the text says', async () => {
    const { port } = await targets.ws()
    const played = await playSession(
      `${connect}${message('{"at":"%%stamp%%","a":1}', 'stamped="true" stream="room %%_tsung_userid%%"', hit('^\\{"at":"@@@[^"]+@@@","a":1\\}$'))}`,
      port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.equal(played.counters['match'], 1)
    assert.equal(played.taken['websocket_latency'], 1)
  })
})
