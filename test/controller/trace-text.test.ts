import assert from 'node:assert/strict'
import { TraceText } from '../../controller/trace-text.ts'

describe('what a user did, as text', () => {
  it('shows steps, bytes and times in order', () => {
    const text = new TraceText(1000)
    const told = [
      text.render({ atMs: 0, type: 'step', line: 12, action: 'request GET /' }),
      text.render({ atMs: 1.25, type: 'connect', host: '::1', port: 80, ms: 1.2 }),
      text.render({ atMs: 1.5, type: 'sent', bytes: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' }),
      text.render({ atMs: 2, type: 'received', bytes: 'HTTP/1.1 200 OK\r\n\r\n\x00\xff' }),
      text.render({ atMs: 2.04, type: 'answered', ms: 0.6 }),
      text.render({ atMs: 2.1, type: 'think', ms: 1500 }),
      text.render({ atMs: 3, type: 'error', name: 'error_x', detail: 'a\x1b[31mb' }),
      text.render({ atMs: 3, type: 'count', name: '200', value: 1 }),
      text.render({ atMs: 3, type: 'count', name: 'size_rcv', value: 21 }),
      text.render({ atMs: 4, type: 'end' }),
    ]
    assert.ok(!told.join('').includes('\x1b'))
    assert.deepEqual(told.join('').split('\n'), [
      '      0.0 ms  line 12: request GET /',
      '      1.3 ms    connected to [::1]:80 in 1.2 ms',
      '      1.5 ms    sent 27 bytes',
      '              > GET / HTTP/1.1',
      '              > Host: x',
      '              > ',
      '      2.0 ms    received 21 bytes',
      '              < HTTP/1.1 200 OK',
      '              < ',
      '              < \\x00\\xff',
      '      2.0 ms    answered after 0.6 ms',
      '      2.1 ms    thinks for 1.50 s',
      told[6]!.slice(0, -1),
      '      4.0 ms  the user ends',
      '              200 1, size_rcv 21',
      '',
    ])
  })

  it('shows variables, branches, extractions and matches', () => {
    const text = new TraceText(1000)
    const told = [
      text.render({ atMs: 1, type: 'variable', name: 'login', value: 'b\xe9b;"x"' }),
      text.render({ atMs: 1, type: 'variable', name: 'city', value: 'Z\xc3\xbcrich' }),
      text.render({ atMs: 1, type: 'variable', name: 'password', value: '' }),
      text.render({ atMs: 1, type: 'variable', name: 'links', value: ['/a', ['/b', '']] }),
      text.render({ atMs: 1, type: 'variable', name: 'gone', value: null }),
      text.render({ atMs: 2, type: 'branch', text: 'if: login eq "x" does not hold' }),
      text.render({ atMs: 3, type: 'extracted', line: 31, name: 'id', value: '42' }),
      text.render({ atMs: 3, type: 'extracted', line: 32, name: 'token', value: null }),
      text.render({
        atMs: 4,
        type: 'matched',
        line: 33,
        pattern: 'status="ok"',
        isMatch: false,
        what: 'the user ends',
      }),
      text.render({ atMs: 4, type: 'matched', line: 34, pattern: '', isMatch: true, what: '' }),
    ]
    assert.deepEqual(told.join('').split('\n'), [
      '      1.0 ms    login        = "b\\xe9b;\\"x\\""',
      '      1.0 ms    city         = "Zürich"',
      '      1.0 ms    password     = ""',
      '      1.0 ms    links        = ["/a", ["/b", ""]]',
      '      1.0 ms    gone         has no value',
      '      2.0 ms    if: login eq "x" does not hold',
      '      3.0 ms    line 31: id           = "42"',
      '      3.0 ms    line 32: token        not found',
      '      4.0 ms    line 33: no match of "status=\\"ok\\"": the user ends',
      '      4.0 ms    line 34: match of ""',
      '',
    ])
  })

  it('cuts long values and says how long they are', () => {
    const line = { atMs: 0, type: 'variable', name: 'page', value: 'x'.repeat(5000) } as const
    const told = new TraceText(1000).render(line)
    assert.ok(told.length < 180)
    assert.match(told, /= "x{118}… \(5000 bytes\)\n$/)
    const many = Array.from({ length: 1000 }, (_, at) => String(at))
    const list = new TraceText(1000).render({ ...line, value: many })
    assert.match(list, /= \["0", "1", .{90,}… \(1000 items\)\n$/)
  })

  it('breaks the line of counters', () => {
    const text = new TraceText(10)
    for (let at = 0; at < 12; at++) {
      text.render({ atMs: 1, type: 'count', name: `counter_${at}`, value: 1 })
    }
    const [, first, second, end] = text.render({ atMs: 1, type: 'end' }).split('\n')
    assert.match(first!, /^ {14}counter_0 1, .* counter_5 1,$/)
    assert.match(second!, /^ {14}counter_6 1, .* counter_11 1$/)
    assert.equal(end, '')
  })

  it('cuts what is long and says how much is left', () => {
    const told = new TraceText(10).render({ atMs: 0, type: 'received', bytes: 'x'.repeat(25) })
    assert.deepEqual(told.split('\n').slice(1), [
      '              < xxxxxxxxxx',
      '              < … 15 bytes more',
      '',
    ])
  })
})
