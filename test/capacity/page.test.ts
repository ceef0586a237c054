import assert from 'node:assert/strict'
import { capacityPage } from '../../controller/capacity/capacity-page.ts'
import { answerText, endText, stepLine } from '../../controller/capacity/capacity-text.ts'
import type { Answer, AnswerKind, CapacityReport, Step } from '../../controller/capacity/model.ts'

function step(number: number, ratePerSecond: number, more: Partial<Step> = {}): Step {
  const held = (more.outcome ?? 'held') === 'held'
  return {
    number,
    ratePerSecond,
    outcome: 'held',
    findings: [
      {
        expression: 'p99("<b>") < 250ms',
        value: held ? 20 : 900,
        error: 2,
        held,
        close: false,
        text: held ? '20.0 ms' : '900 ms',
      },
      { expression: 'error_rate < 1%', value: 0, error: 0, held: true, close: false, text: '0 %' },
    ],
    reasons: [],
    close: false,
    startedUsers: 100,
    requests: 1234,
    settleMs: 5000,
    measuredMs: 30_000,
    endedEarly: false,
    folder: `steps/20260101-0000-0${number}`,
    ...more,
  }
}

const answer: Answer = {
  kind: 'found',
  ratePerSecond: 100,
  missedPerSecond: 104,
  untrustedPerSecond: null,
}
const limits = { of: 'arrivals', from: 50, to: null, precision: 0.05 } as const

const report: CapacityReport = {
  version: 1,
  scenario: '<shop>.xml',
  objective: [
    { expression: 'p99("<b>") < 250ms', limit: 250, of: 'ms' },
    { expression: 'error_rate < 1%', limit: 0.01, of: 'share' },
  ],
  answer,
  text: answerText(answer, limits),
  limits,
  times: { bringUpMs: 0, settleMs: 5000, measureMs: 30_000 },
  steps: [
    step(1, 50),
    step(2, 100, { close: true }),
    step(3, 104, { outcome: 'missed', endedEarly: true, reasons: ['requests that wait grow'] }),
    step(4, 200, { outcome: 'untrusted', reasons: ['V_LATE: launcher 1 was late\u001b[2J'] }),
  ],
  notes: ['static users (3) started in every step as well'],
  seed: '7',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 150_000,
  tsts: '0.1.0',
}

describe('the page of a search', () => {
  const page = capacityPage(report)

  it('tells the answer, the notes and every step', () => {
    assert.ok(page.includes('100 users/s is the highest rate that holds, to within 5 %'))
    assert.ok(page.includes('static users (3)'))
    for (const { folder } of report.steps) assert.ok(page.includes(`${folder}/report.html`), folder)
    for (const text of ['plainly missed', 'close to the limit', 'V_LATE']) {
      assert.ok(page.includes(text), text)
    }
  })

  it('draws a dot for each step and condition', () => {
    assert.equal(page.match(/<circle class="held"/g)?.length, 4)
    assert.equal(page.match(/<circle class="missed"/g)?.length, 2)
    assert.equal(page.match(/<circle class="untrusted"/g)?.length, 2)
    assert.equal(page.match(/class="limit"/g)?.length, 2)
    assert.doesNotMatch(page, /NaN|Infinity|undefined/)
  })

  it('needs no other file and runs no script', () => {
    assert.doesNotMatch(page, /<script|https?:\/\/|<link [^>]*stylesheet/)
  })

  it('of a constant rate speaks of turns', () => {
    const turns = { ...limits, of: 'rate' } as const
    const text = capacityPage({
      ...report,
      limits: turns,
      text: answerText(answer, turns),
      times: { ...report.times, bringUpMs: 3000 },
    })
    assert.ok(text.includes('100 turns/s is the highest rate that holds, to within 5 %'))
    assert.ok(text.includes('how many turns a second hold'))
    assert.ok(text.includes('Users come in the first 0:03; the next 0:05'))
    assert.doesNotMatch(text, /users\/s|users per second/)
  })

  it('takes nothing of a scenario for markup', () => {
    assert.doesNotMatch(page, /<b>|<shop>/)
    assert.ok(page.includes('&lt;shop&gt;.xml'))
  })

  for (const kind of ['to', 'generator', 'budget', 'interrupted', 'none'] as const) {
    it(`of a search that ended so: ${kind}`, () => {
      const nothing = { ratePerSecond: null, missedPerSecond: null, untrustedPerSecond: null }
      const text = capacityPage({ ...report, steps: [], answer: { kind, ...nothing } })
      assert.ok(text.includes('None came to its end.'))
      assert.doesNotMatch(text, /NaN|undefined/)
    })
  }
})

describe('the text of a search', () => {
  const texts: [AnswerKind, Partial<Answer>, string][] = [
    [
      'found',
      {},
      '100 users/s is the highest rate that holds, to within 5 %: it is missed at 104 users/s',
    ],
    [
      'to',
      { missedPerSecond: null },
      'at least 100 users/s: it holds at the highest rate that was to be tried (--to)',
    ],
    ['budget', {}, 'at least 100 users/s, less than 104 users/s: the time was over (--budget)'],
    ['budget', { ratePerSecond: null }, 'less than 104 users/s: the time was over (--budget)'],
    [
      'interrupted',
      { ratePerSecond: null, missedPerSecond: null },
      'nothing is known: the search was interrupted',
    ],
    ['none', { ratePerSecond: null }, 'it holds at no rate that was tried, 104 users/s the lowest'],
  ]
  for (const [kind, more, want] of texts) {
    it(want, () => assert.equal(answerText({ ...answer, ...more, kind }, limits), want))
  }

  it('never calls the limit of the generator a capacity', () => {
    const bound = {
      ...answer,
      kind: 'generator',
      untrustedPerSecond: 110,
      missedPerSecond: null,
    } as const
    assert.match(
      answerText(bound, limits),
      /^at least 100 users\/s: at 110 users\/s the load generator/,
    )
    const none = { ...bound, ratePerSecond: null }
    assert.match(answerText(none, limits), /^nothing is known: at 110 users\/s already/)
  })

  it('asks for users as well where their turns were searched', () => {
    const bound = { ...answer, kind: 'generator', untrustedPerSecond: 110 } as const
    assert.match(
      answerText(bound, { ...limits, of: 'rate' }),
      /^at least 100 turns\/s: at 110 turns\/s .* more launchers, hosts or users/,
    )
  })

  it('has a line for each step', () => {
    assert.match(
      stepLine(report.steps[0]!),
      /^ {2}1 +50\.0\/s +0:30 +holds +p99\("<b>"\) 20\.0 ms, error_rate 0 %$/,
    )
    assert.match(stepLine(report.steps[1]!), / holds, close /)
    assert.match(stepLine(report.steps[2]!), / missed .*\n +requests that wait grow$/)
  })

  it('lets nothing of a run steer the terminal', () => {
    assert.ok(!stepLine(report.steps[3]!).includes('\u001b'))
    assert.ok(!endText({ ...report, notes: ['\u001b[2J'] }, '/x').includes('\u001b'))
  })
})
