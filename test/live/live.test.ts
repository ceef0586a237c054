import assert from 'node:assert/strict'
import { sparkline } from '../../controller/live/frame.ts'
import { live } from '../../controller/live/live.ts'
import type { Output } from '../../controller/model.ts'
import { matchesGolden } from '../outputs/golden-file.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { FakeTerminal } from './screen.ts'

/** Plays a run and keeps what the terminal showed after each of the first `seconds` seconds. */
async function played(
  options: RunOptions & { readonly tty: boolean; readonly colour?: boolean },
  terminal: FakeTerminal = new FakeTerminal(),
): Promise<{ terminal: FakeTerminal; shown: string[] }> {
  const { tty, colour = false } = options
  const view = live(terminal, { tty, colour })
  const shown: string[] = []
  const camera: Output = {
    start: () => undefined,
    second: () => shown.push(terminal.screen().join('\n')),
    event: () => undefined,
    end: () => undefined,
    close: async () => undefined,
  }
  const { folder, remove } = await newFolder()
  try {
    await playRun([view, camera], folder, options)
    for (const key of shown.keys()) shown[key] = shown[key]!.replaceAll(folder, '/runs/r1')
    terminal.text = terminal.text.replaceAll(folder, '/runs/r1')
  } finally {
    await remove()
  }
  return { terminal, shown }
}

describe('live view on a terminal', () => {
  it('shows the run as it goes', async () => {
    const { shown } = await played({ tty: true, seconds: 40, loss: true })
    matchesGolden('live-10-s.txt', `${shown[9]}\n`)
    matchesGolden('live-35-s.txt', `${shown[34]}\n`)
  })

  it('leaves only the start and the summary behind', async () => {
    const { terminal } = await played({ tty: true, seconds: 40, loss: true })
    matchesGolden('live-end.txt', `${terminal.screen().join('\n')}\n`)
  })

  for (const [columns, rows] of [
    [80, 24],
    [200, 60],
    [40, 10],
    [20, 5],
  ] as const) {
    it(`never writes wider or higher than ${columns} x ${rows}`, async () => {
      const terminal = new FakeTerminal(columns, rows)
      const frames: string[] = []
      const view = live(terminal, { tty: true, colour: true })
      const camera: Output = {
        start: () => undefined,
        second: () => frames.push(terminal.screen().slice(2).join('\n').trimEnd()),
        event: () => undefined,
        end: () => undefined,
        close: async () => undefined,
      }
      const { folder, remove } = await newFolder()
      try {
        await playRun([view, camera], folder, { seconds: 25, loss: true, hostile: 'x'.repeat(300) })
      } finally {
        await remove()
      }
      assert.equal(frames.length, 25)
      for (const frame of frames) {
        const lines = frame.split('\n')
        assert.ok(lines.length < rows, `${lines.length} lines:\n${frame}`)
        for (const line of lines) assert.ok([...line].length < columns, line)
      }
    })
  }

  it('leaves no rests when the terminal is resized again and again', async () => {
    const terminal = new FakeTerminal()
    const view = live(terminal, { tty: true, colour: false })
    const sizes = [
      [50, 24],
      [30, 40],
      [120, 24],
      [44, 12],
    ] as const
    const shown: string[] = []
    const hand: Output = {
      ...silent,
      second: ({ atMs }) => {
        const size = sizes[atMs / 1000 - 4]
        if (size !== undefined) terminal.resize(size[0], size[1])
        shown.push(terminal.screen().join('\n'))
      },
    }
    const { folder, remove } = await newFolder()
    try {
      await playRun([view, hand], folder, { seconds: 12, loss: true })
    } finally {
      await remove()
    }
    assert.equal(terminal.listenerCount('resize'), 0)
    assert.equal(shown.length, 12)
    for (const screen of shown) {
      assert.equal(screen.match(/^users\/s/gm)?.length, 1, screen)
      assert.equal(screen.match(/phase \d of 2/g)?.length, 1, screen)
    }
  })

  it('says how the run is steered, and how it stands', async () => {
    const { shown } = await played({ tty: true, seconds: 12, steered: true })
    assert.doesNotMatch(shown[3]!, /paused/)
    assert.match(shown[8]!, /^shop\.xml {2}phase 2 of 2 {2}paused, arrivals × 1\.5 {2}seed/m)
    assert.match(shown[8]!, /^so far {4}valid$/m)
    assert.match(shown[3]!, /0:04 of 0:12, 0:08 left$/m)
    assert.match(shown[8]!, /0:09, the plan stands with 0:07 left$/m)
    assert.match(
      shown[8]!,
      /^launchers 2 of 2 reporting, CPU at most 40 %, loop delay 4\.20 ms, 162 MB$/m,
    )
    assert.match(
      shown[8]!,
      /^ {10}0:07 user 61, browse: connect ECONNREFUSED 127\.0\.0\.1:80, GET \/basket$/m,
    )
  })

  for (const [hosts, rows] of [
    [0, null],
    [
      1,
      /^hosts {5}load1: CPU 60 %, steal 4 %, 1\.6 GB free\n {10}ports 6 % \(10\.0\.0\.1\), in 1\.2 MB\/s, out/m,
    ],
    [
      9,
      /^hosts {5}9, worst: CPU 60 % \(load9\), steal 4 % \(load9\), 1\.6 GB free \(load9\)\n {10}ports 57 % \(10\.0\.0\.9\)/m,
    ],
  ] as const) {
    it(`says how ${hosts} hosts fare`, async () => {
      const { shown } = await played({ tty: true, seconds: 4, hosts })
      if (rows === null) assert.doesNotMatch(shown[3]!, /^hosts/m)
      else assert.match(shown[3]!, rows)
    })
  }

  it('writes only what has changed, and lets the terminal show it at once', async () => {
    const { terminal } = await played({ tty: true, seconds: 12 })
    const sequence = String.fromCharCode(27)
    assert.equal(terminal.text.split('━').length - 1 < 12 * 40, true)
    const frames = terminal.text.split(`${sequence}[?2026h`).length - 1
    assert.ok(frames >= 12)
    assert.equal(terminal.text.split(`${sequence}[?2026l`).length - 1, frames)
  })

  it('has colours only when they are wanted', async () => {
    const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`)
    const plain = await played({ tty: true, colour: false, seconds: 12 })
    assert.doesNotMatch(plain.terminal.text, colours)
    const coloured = await played({ tty: true, colour: true, seconds: 12 })
    assert.match(coloured.terminal.text, colours)
  })

  it('keeps NO_COLOR', async () => {
    const before = process.env['NO_COLOR']
    try {
      process.env['NO_COLOR'] = '1'
      const terminal = new FakeTerminal()
      const { folder, remove } = await newFolder()
      await playRun([live(terminal, { tty: true })], folder, { seconds: 3 })
      await remove()
      assert.ok(!terminal.text.includes(`${String.fromCharCode(27)}[1m`))
    } finally {
      if (before === undefined) delete process.env['NO_COLOR']
      else process.env['NO_COLOR'] = before
    }
  })

  it('lets no name of a scenario or a target steer the terminal', async () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007\r\n\u009b31m'
    const { terminal } = await played({ tty: true, seconds: 20, hostile })
    assert.ok(!terminal.text.includes('\u001b[2J'))
    assert.ok(!terminal.text.includes('\u001b]0'))
    assert.ok(!terminal.text.includes('\u009b'))
  })
})

describe('live view elsewhere', () => {
  it('is a line every ten seconds and one for each event, then the summary', async () => {
    const { terminal } = await played({ tty: false, seconds: 40, loss: true })
    assert.ok(!terminal.text.includes('\u001b'))
    matchesGolden('live-plain.txt', terminal.text)
  })
})

describe('summary at the end', () => {
  it('keeps to 80 columns, whatever the names', async () => {
    const { terminal } = await played({
      tty: false,
      seconds: 20,
      loss: true,
      hostile: 'y'.repeat(200),
    })
    const text = terminal.text.slice(terminal.text.indexOf('verdict'))
    const lines = text.split('\n').filter((line) => !line.startsWith('report'))
    for (const line of lines) assert.ok([...line].length <= 80, line)
  })
})

describe('sparkline', () => {
  for (const [values, columns, text] of [
    [[], 10, ''],
    [[0, 0], 10, '▁▁'],
    [[1, 2, 4, 8], 10, '▁▂▄█'],
    [[9, 9, 1, 2], 2, '▄█'],
    [[5, 5], 0, ''],
  ] as const) {
    it(`of ${values.join(' ') || 'nothing'} in ${columns} columns is "${text}"`, () => {
      assert.equal(sparkline(values, columns), text)
    })
  }
})

const silent: Output = {
  start: () => undefined,
  second: () => undefined,
  event: () => undefined,
  end: () => undefined,
  close: async () => undefined,
}
