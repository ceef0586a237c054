import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Answer, Outcome, SearchLimits } from '../../controller/capacity/model.ts'
import { playsPerRate, Search, untrustedPlays } from '../../controller/capacity/search.ts'

interface Target {
  readonly outcome: (rate: number, play: number) => Outcome
  readonly close?: (rate: number) => boolean
}

interface Played {
  readonly answer: Answer
  readonly rates: readonly number[]
}

const maxSteps = 200

function searchOf(limits: SearchLimits, { outcome, close = () => false }: Target): Played {
  const search = new Search(limits)
  const rates: number[] = []
  for (let rate = search.next(); rate !== null; rate = search.next()) {
    assert.ok(rates.length < maxSteps, `it does not end: ${rates.slice(-5).join(', ')}`)
    const play = rates.filter((each) => each === rate).length + 1
    rates.push(rate)
    search.told(rate, outcome(rate, play), close(rate))
  }
  return { answer: search.answer(null), rates }
}

const upTo =
  (capacity: number) =>
  (rate: number): Outcome =>
    rate <= capacity ? 'held' : 'missed'

const limits: SearchLimits = { of: 'arrivals', from: 10, to: null, precision: 0.05 }

describe('the search for a capacity', () => {
  const rate = fc.double({ min: 0.1, max: 1e5, noNaN: true })
  const precision = fc.double({ min: 0.01, max: 0.5, noNaN: true })

  it('encloses any capacity within its precision, from wherever it starts', () => {
    fc.assert(
      fc.property(rate, rate, precision, (capacity, from, within) => {
        const { answer } = searchOf(
          { of: 'arrivals', from, to: null, precision: within },
          { outcome: upTo(capacity) },
        )
        if (capacity < from / 4 ** 6) return answer.kind === 'none'
        const { ratePerSecond: held, missedPerSecond: missed } = answer
        return (
          answer.kind === 'found' &&
          held! <= capacity &&
          capacity < missed! &&
          missed! <= held! * (1 + within)
        )
      }),
      { seed: 1 },
    )
  })

  it('plays the answer twice', () => {
    const { answer, rates } = searchOf(limits, { outcome: upTo(123) })
    assert.equal(rates.filter((each) => each === answer.ratePerSecond).length, 2)
  })

  it('takes few steps: to double, to halve the gap, one to make sure', () => {
    const { rates } = searchOf(limits, { outcome: upTo(70) })
    assert.deepEqual(
      rates.map((each) => Number(each.toPrecision(3))),
      [10, 20, 40, 80, 56.6, 67.3, 73.4, 70.3, 67.3],
    )
  })

  it('goes down when the first rate is too high', () => {
    const { answer, rates } = searchOf(limits, { outcome: upTo(1) })
    assert.deepEqual(rates.slice(0, 3), [10, 2.5, 0.625])
    assert.equal(answer.kind, 'found')
  })

  it('says that it holds nowhere when a 4096th of the first rate is too much', () => {
    const { answer, rates } = searchOf(limits, { outcome: () => 'missed' })
    assert.equal(rates.length, 7)
    assert.deepEqual(answer, {
      kind: 'none',
      ratePerSecond: null,
      missedPerSecond: 10 / 4 ** 6,
      untrustedPerSecond: null,
    })
  })

  it('never goes beyond --to, and makes sure there', () => {
    const { answer, rates } = searchOf({ ...limits, to: 50 }, { outcome: () => 'held' })
    assert.deepEqual(rates, [10, 20, 40, 50, 50])
    assert.equal(answer.kind, 'to')
    assert.equal(answer.ratePerSecond, 50)
  })

  it('repeats what is close, a few times', () => {
    const close = (each: number): boolean => each === 40
    const { rates } = searchOf(limits, { outcome: upTo(45), close })
    assert.equal(rates.filter((each) => each === 40).length, playsPerRate)
  })

  it('takes back what held once only', () => {
    // Lucky the first time, like a queue that had no time to grow.
    const outcome = (each: number, play: number): Outcome =>
      each > 66 && each < 68 && play === 1 ? 'held' : upTo(66)(each)
    const { answer } = searchOf(limits, { outcome })
    assert.equal(answer.kind, 'found')
    assert.ok(answer.ratePerSecond! <= 66, `${answer.ratePerSecond}`)
    assert.ok(answer.missedPerSecond! <= answer.ratePerSecond! * 1.05)
  })

  it('tells a lower bound where the generator is the limit, not a capacity', () => {
    const outcome = (each: number): Outcome => (each > 100 ? 'untrusted' : 'held')
    const { answer, rates } = searchOf(limits, { outcome })
    assert.equal(answer.kind, 'generator')
    assert.ok(answer.ratePerSecond! <= 100 && answer.ratePerSecond! > 95)
    assert.ok(answer.untrustedPerSecond! > 100)
    assert.equal(answer.missedPerSecond, null)
    assert.equal(rates.filter((each) => each === 160).length, untrustedPlays)
  })

  it('does not repeat what no other run would say better', () => {
    const search = new Search(limits)
    search.told(10, 'held', false)
    search.told(20, 'untrusted', false, true)
    assert.equal(search.next(), Math.sqrt(200))
    assert.equal(search.answer(null).kind, 'generator')
  })

  it('forgets a run that could not be trusted when the next one can', () => {
    const outcome = (each: number, play: number): Outcome =>
      play === 1 ? 'untrusted' : upTo(45)(each)
    const { answer } = searchOf(limits, { outcome })
    assert.equal(answer.kind, 'found')
    assert.equal(answer.untrustedPerSecond, null)
  })

  it('tells what is known when the time is over', () => {
    const search = new Search(limits)
    for (const each of [10, 20, 40]) search.told(each, upTo(30)(each), false)
    assert.deepEqual(search.answer('budget'), {
      kind: 'budget',
      ratePerSecond: 20,
      missedPerSecond: 40,
      untrustedPerSecond: null,
    })
    assert.equal(new Search(limits).answer('interrupted').ratePerSecond, null)
  })
})
