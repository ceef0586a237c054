import assert from 'node:assert/strict'
import { compileTemplate } from '../../core/dynvars/template.ts'
import {
  certificateFor,
  compileSetOption,
  compileThinkTime,
  type TimedThinkTime,
  thinkMs,
  wholeNumberOf,
} from '../../core/program/settings.ts'
import type { ThinkTime } from '../../core/scenario/model.ts'
import { environmentWith, scopeWith } from '../dynvars/environment.ts'

const values = { two: '2', half: '0.5', word: 'soon', minus: '-1', folder: 'certs' }

function waited(thinkTime: ThinkTime, times = 1): (number | null)[] {
  const scope = scopeWith()
  const environment = environmentWith(scope, values)
  const compiled = compileThinkTime(thinkTime, scope) as TimedThinkTime
  return Array.from({ length: times }, () => thinkMs(compiled, environment))
}

describe('think time', () => {
  for (const [valueS, want] of [
    ['%%_two%%', 2000],
    ['%%_half%%', 500],
    ['1%%_two%%', 12_000],
    ['%%_word%%', null],
    ['%%_minus%%', null],
    ['%%_unknown%%', null],
    ['99999999999', null],
  ] as const) {
    it(`"${valueS}" is ${want === null ? 'no time' : `${want} ms`}`, () => {
      assert.deepEqual(waited({ type: 'text', valueS, random: false }), [want])
    })
  }

  it('a random one has the text as its mean', () => {
    const times = waited({ type: 'text', valueS: '%%_half%%', random: true }, 5000) as number[]
    const meanMs = times.reduce((sum, ms) => sum + ms, 0) / times.length
    assert.ok(Math.abs(meanMs - 500) < 25, `${meanMs}`)
    assert.ok(new Set(times).size > 4000)
  })

  it('a range is drawn from', () => {
    const range = { type: 'text-range', minS: '%%_half%%', maxS: '%%_two%%' } as const
    const times = waited(range, 1000) as number[]
    assert.ok(Math.min(...times) >= 500 && Math.min(...times) < 520)
    assert.ok(Math.max(...times) <= 2000 && Math.max(...times) > 1980)
    assert.deepEqual(waited({ type: 'text-range', minS: '%%_two%%', maxS: '1' }), [null])
  })
})

describe('values of options', () => {
  for (const [text, least, want] of [
    ['5', 1, 5],
    ['%%_two%%', 1, 2],
    ['0', 1, null],
    ['0', 0, 0],
    ['%%_half%%', 0, null],
    ['%%_word%%', 0, null],
  ] as const) {
    it(`"${text}" is ${want ?? `no whole number from ${least}`}`, () => {
      const scope = scopeWith()
      const environment = environmentWith(scope, values)
      assert.equal(wholeNumberOf(compileTemplate(text, scope), least, environment), want)
    })
  }

  it('paths and the passphrase of a certificate may have markers', () => {
    const scope = scopeWith()
    const option = compileSetOption(
      {
        name: 'certificate',
        certificate: {
          ca: { pem: 'read' },
          key: { path: '%%_folder%%/%%_tsung_userid%%.key' },
          passphrase: 'pass%%_two%%',
          cert: null,
        },
      },
      scope,
    )
    assert.ok(option.name === 'certificate')
    assert.deepEqual(certificateFor(option.certificate, environmentWith(scope, values)), {
      ca: { pem: 'read' },
      key: { path: 'certs/7.key' },
      passphrase: 'pass2',
      cert: null,
    })
  })

  it('a certificate without markers is the same for all', () => {
    const scope = scopeWith()
    const certificate = { ca: null, key: { pem: 'a' }, passphrase: null, cert: { pem: 'b' } }
    const option = compileSetOption({ name: 'certificate', certificate }, scope)
    assert.ok(option.name === 'certificate')
    assert.equal(certificateFor(option.certificate, environmentWith(scope)), certificate)
  })
})
