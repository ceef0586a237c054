import assert from 'node:assert/strict'
import type { DecodeSink, PluginDeclaration, Progress } from '../../plugins/api.ts'
import {
  type ConformanceFixture,
  type ConformanceStep,
  checkPlugin,
} from '../../plugins/conformance.ts'
import {
  type BeatConnection,
  type BeatPlugin,
  beat,
  beatFixture,
  plainFixture,
} from '../support/beat-plugin.ts'

const fixtures = [beatFixture, plainFixture]
type Decode = BeatPlugin['decode']

/** The plugin with something before its own decoding. */
function before(work: (sink: DecodeSink, connection: BeatConnection) => void): BeatPlugin {
  const decode: Decode = (bytes, connection, user, sink) => {
    const progress = beat.decode(bytes, connection, user, sink)
    work(sink, connection)
    return progress
  }
  return { ...beat, decode }
}

function declaring(changed: Partial<PluginDeclaration>): BeatPlugin {
  return { ...beat, declaration: { ...beat.declaration, ...changed } }
}

const shared: BeatConnection = { isAsking: false, rest: '', isBeating: false }
const [element] = beat.declaration.elements
const { counters } = beat.declaration

const brokenPlugins: readonly (readonly [string, BeatPlugin, RegExp])[] = [
  [
    'has a counter twice',
    declaring({ counters: [...counters, counters[0]!] }),
    /ts_beat: counter beat_news is declared twice/,
  ],
  [
    'calls an error by another name',
    declaring({
      counters: [...counters, { name: 'beat_bad', kind: 'count', isError: true, doc: 'x' }],
    }),
    /beat_bad: the names of errors, and no others, begin with error_/,
  ],
  ['says nothing of its protocol', declaring({ doc: ' ' }), /the protocol has no doc/],
  [
    'says nothing of a counter',
    declaring({ counters: counters.map((each) => ({ ...each, doc: '' })) }),
    /counter beat_news has no doc/,
  ],
  [
    'says nothing of an attribute',
    declaring({ elements: [{ ...element!, attributes: { text: { type: 'string', doc: '' } } }] }),
    /text of beat has no doc/,
  ],
  [
    'has a default that is none',
    declaring({
      elements: [{ ...element!, attributes: { n: { type: 'integer', default: 'x', doc: 'n' } } }],
    }),
    /the default of n of <beat>: "x" is not a whole number/,
  ],
  [
    'has an enum without values',
    declaring({ elements: [{ ...element!, attributes: { n: { type: 'enum', doc: 'n' } } }] }),
    /n of <beat> has no values/,
  ],
  [
    'requires what has a default',
    declaring({
      elements: [
        {
          ...element!,
          attributes: { n: { type: 'string', default: 'x', required: true, doc: 'n' } },
        },
      ],
    }),
    /n of <beat> is required and has a default/,
  ],
  [
    'is since a version that cannot be',
    declaring({ elements: [{ ...element!, since: 'yesterday' }] }),
    /<beat> is since Tsung yesterday: write a version, or tsts/,
  ],
  [
    'has children that are not declared',
    declaring({ elements: [{ ...element!, content: 'elements', model: '(beat_part*)' }] }),
    /<beat_part> in the model of <beat> is not declared/,
  ],
  [
    'does not stand in a request',
    declaring({ elements: [{ ...element!, parents: ['session'] }] }),
    /the element <beat> does not stand in <request>/,
  ],
  ['knows no transport', declaring({ transports: [] }), /it names no transport/],
  [
    'sums what it declares as a count',
    before((sink) => sink.add('beat_news', 1)),
    /"beat_news" is declared as a count, and used as a sum/,
  ],
  [
    'counts what it declares as a sample',
    before((sink) => sink.count('beat_length')),
    /"beat_length" is declared as a sample, and used as a count/,
  ],
  [
    'adds what is no number',
    before((sink) => sink.add('beat_bytes', Number.NaN)),
    /adds NaN to "beat_bytes"/,
  ],
  [
    'fails with what is no error',
    before((sink) => void sink.fail('beat_news', '')),
    /fails with "beat_news", which is no error that is declared/,
  ],
  ['sets an alarm in the past', before((sink) => sink.wakeAfter(-1)), /sets an alarm in -1 ms/],
  [
    'sets an alarm without wake',
    (({ wake: _wake, ...rest }) => rest as BeatPlugin)(beat),
    /sets an alarm and has no `wake`/,
  ],
  [
    'sets another alarm',
    {
      ...beat,
      encode: (...given) => {
        const bytes = beat.encode(...given)
        given[4].wakeAfter(7)
        return bytes
      },
    },
    /step 2, an alarm: the alarm is set for 7, not 1000 ms/,
  ],
  [
    'does something else when the alarm goes off',
    { ...beat, wake: () => 'more' },
    /step 2, an alarm: replies "", not "BEAT\\n"/,
  ],
  [
    'throws when the alarm goes off at a bad time',
    {
      ...beat,
      wake(connection, user, sink) {
        if (connection.isAsking) throw new RangeError('asking')
        return beat.wake!(connection, user, sink)
      },
    },
    /hostile bytes .* give RangeError: asking/,
  ],
  [
    'writes the data of a request',
    {
      ...beat,
      compile(data, context) {
        ;(data as { text: string }).text += '!'
        return beat.compile(data, context)
      },
    },
    /Cannot assign to read only property 'text'/,
  ],
  [
    'writes a request that is shared',
    {
      ...beat,
      encode(request, ...rest) {
        const bytes = beat.encode(request, ...rest)
        const more = `${request.text.constant ?? 'a tea'}!`
        Object.assign(request, { text: { constant: more, parts: [more] } })
        return bytes
      },
    },
    /a second user changes a shared request/,
  ],
  [
    'sends more than a byte a character',
    { ...beat, encode: () => '€' },
    /sends a character above 255 at 0/,
  ],
  [
    'hands on what nobody wants',
    before((sink) => {
      if (!sink.wantsContent) sink.content(Uint8Array.of(65))
    }),
    /hands on content that nobody wants/,
  ],
  [
    'counts only what is looked at',
    {
      ...beat,
      decode(bytes, connection, user, sink) {
        const quiet = { ...sink, sample: () => undefined }
        return beat.decode(bytes, connection, user, sink.wantsContent ? sink : quiet)
      },
    },
    /its outcome depends on whether the content is wanted/,
  ],
  [
    'has one connection for all',
    {
      ...beat,
      newConnection: () => Object.assign(shared, { isAsking: false, rest: '', isBeating: false }),
    },
    /differs when another user plays/,
  ],
  [
    'replies more than a byte a character',
    before((sink) => sink.reply('€')),
    /replies a character above 255 at 0/,
  ],
  [
    'lets the user go on for nothing',
    {
      ...beat,
      decode: (bytes, connection, user, sink) => {
        if (!connection.isAsking)
          return beat.decode(bytes, connection, user, { ...sink, goOn: () => undefined })
        return beat.decode(bytes, connection, user, sink)
      },
    },
    /step 1, a push: lets the user go on: false, not true/,
  ],
  [
    'reads only whole pushes',
    {
      ...beat,
      decode(bytes, connection, user, sink) {
        const isWhole = bytes.at(-1) === 10
        const progress = beat.decode(bytes, connection, user, sink)
        if (!connection.isAsking && !isWhole) connection.rest = ''
        return progress
      },
    },
    /step 1, a push: cut at 1 the outcome is \{"progress":"ProtocolError error_beat_line"/,
  ],
  [
    'throws at noise while nothing is awaited',
    {
      ...beat,
      decode(bytes, connection, user, sink) {
        const isIdle = !connection.isAsking && connection.rest === ''
        try {
          return beat.decode(bytes, connection, user, sink)
        } catch (error) {
          if (isIdle) throw new TypeError('who is there?')
          throw error
        }
      },
    },
    /hostile bytes .*, while nothing is awaited, give TypeError: who is there\?/,
  ],
  [
    'has a progress of its own',
    {
      ...beat,
      decode(bytes, connection, user, sink) {
        try {
          return beat.decode(bytes, connection, user, sink)
        } catch {
          return 'never' as Progress
        }
      },
    },
    /hostile bytes .* give Error: an unknown progress never/,
  ],
]

const wrongFixtures: readonly (readonly [string, Partial<ConformanceFixture>, RegExp])[] = [
  ['other bytes', { sent: 'ASK\n' }, /sends "ASK a tea\\n", not "ASK\\n"/],
  ['other content', { content: 'bad' }, /hands on "fine", not "bad"/],
  ['another counter', { counters: {} }, /counts \{"beat_length":1\}, not \{\}/],
  ['another progress', { progress: 'close' }, /ends with done, not close/],
  ['replies', { replies: 'SEEN\n' }, /replies "", not "SEEN\\n"/],
  ['a failure', { failure: 'error_beat_refused' }, /fails with "", not "error_beat_refused"/],
  [
    'an element that is none',
    { xml: '<beet text="a"/>' },
    /there is no element <beet> \[E_UNKNOWN_ELEMENT\]/,
  ],
  ['an attribute too few', { xml: '<beat/>' }, /<beat> needs the attribute text/],
  ['an option that is none', { optionsXml: '<option type="ts_beat" name="x"/>' }, /cannot be read/],
  [
    'a variable that does not show',
    { variables: { b: 'tea', c: 'y' } },
    /with another value of c it sends the same/,
  ],
  ['a connection that is closed before its steps', { closes: true }, /nothing can follow/],
  [
    'steps that come to something else',
    { steps: stepsWith(0, { counters: { beat_news: 1 } }) },
    /step 1, a push: counts/,
  ],
  [
    'a request among them that is sent otherwise',
    { steps: stepsWith(3, { sent: 'ASK\n' }) },
    /step 4, a request: sends "ASK again\\n"/,
  ],
  [
    'another failure among them',
    { steps: stepsWith(3, { failure: 'error_beat_dead' }) },
    /step 4, a request: fails with/,
  ],
]

function stepsWith(at: number, changed: object): readonly ConformanceStep[] {
  return beatFixture.steps!.map((step, index) =>
    index === at ? ({ ...step, ...changed } as ConformanceStep) : step,
  )
}

describe('the conformance suite', () => {
  it('passes a plugin that is right', () => checkPlugin(beat, fixtures))

  for (const [title, broken, says] of brokenPlugins) {
    it(`tells of a plugin that ${title}`, () => {
      assert.throws(() => checkPlugin(broken, fixtures), says)
    })
  }

  for (const [title, changed, says] of wrongFixtures) {
    it(`tells of a fixture with ${title}`, () => {
      assert.throws(() => checkPlugin(beat, [{ ...beatFixture, ...changed }]), says)
    })
  }

  it('tells of a plugin that can be asked once a connection', () => {
    const decode: Decode = (bytes, connection, user, sink) => {
      const isSecond = connection.isBeating
      connection.isBeating = true
      return isSecond ? 'more' : beat.decode(bytes, connection, user, sink)
    }
    const says = /the second answer on a connection ends with more/
    assert.throws(() => checkPlugin({ ...beat, decode }, [plainFixture]), says)
  })

  it('tells of a plugin that compiles a request otherwise each time', () => {
    let compiled = 0
    const compile: BeatPlugin['compile'] = () => {
      const constant = String(++compiled)
      return { text: { constant, parts: [constant] } }
    }
    const says = /compiled again, its request has other bytes/
    assert.throws(() => checkPlugin({ ...beat, compile }, [plainFixture]), says)
  })

  it('wants a request', () => {
    const { xml: _xml, ...rest } = beatFixture
    assert.throws(() => checkPlugin(beat, [rest]), /it has neither xml nor data/)
  })
})
