/** A search as lines of text. Pure. */
import { durationText, printable, rateText } from '../outputs/format.ts'
import {
  type Answer,
  type CapacityReport,
  countedWords,
  type Outcome,
  type Searched,
  type SearchLimits,
  type Step,
} from './model.ts'

export const outcomeWords: { readonly [outcome in Outcome]: string } = {
  held: 'holds',
  missed: 'missed',
  untrusted: 'cannot be told',
}

export function stepLine({
  number,
  ratePerSecond,
  outcome,
  findings,
  reasons,
  close,
  measuredMs,
}: Step): string {
  const values = findings.map(({ expression, text }) => `${nameOf(expression)} ${text}`).join(', ')
  const place = `${String(number).padStart(3)}  ${rateText(ratePerSecond).padStart(8)}/s`
  const word =
    outcome === 'untrusted' || !close ? outcomeWords[outcome] : `${outcomeWords[outcome]}, close`
  const why = reasons.map((reason) => `\n       ${printable(reason)}`).join('')
  return `${place}  ${durationText(measuredMs).padStart(5)}  ${word.padEnd(14)}  ${printable(values)}${why}`
}

/** What was found, in a sentence. */
export function answerText(answer: Answer, { of, precision }: SearchLimits): string {
  const { ratePerSecond, missedPerSecond, untrustedPerSecond } = answer
  const missed = missedPerSecond === null ? null : perSecond(missedPerSecond, of)
  if (ratePerSecond === null) return nothingText(answer, missed, of)
  const held = perSecond(ratePerSecond, of)
  const doubtful = perSecond(untrustedPerSecond ?? 0, of)
  switch (answer.kind) {
    case 'found':
    case 'none':
      return `${held} is the highest rate that holds, to within ${percent(precision)}: it is missed at ${missed}`
    case 'to':
      return `at least ${held}: it holds at the highest rate that was to be tried (--to)`
    case 'generator':
      return `at least ${held}: at ${doubtful} the load generator is the limit, so what the target does there is unknown; give it more ${more[of]}`
    case 'budget':
      return `at least ${held}${missed === null ? '' : `, less than ${missed}`}: the time was over (--budget)`
    case 'interrupted':
      return `at least ${held}${missed === null ? '' : `, less than ${missed}`}: the search was interrupted`
  }
}

/** What a load generator lacks. */
const more: { readonly [of in Searched]: string } = {
  arrivals: 'launchers or hosts',
  rate: 'launchers, hosts or users (the reasons of that step say which)',
}

function nothingText(
  { kind, untrustedPerSecond }: Answer,
  missed: string | null,
  of: Searched,
): string {
  const less = missed === null ? 'nothing is known' : `less than ${missed}`
  switch (kind) {
    case 'generator':
      return `${less}: at ${perSecond(untrustedPerSecond ?? 0, of)} already the load generator is the limit; see the reasons of its verdict`
    case 'budget':
      return `${less}: the time was over (--budget)`
    case 'interrupted':
      return `${less}: the search was interrupted`
    default:
      return `it holds at no rate that was tried, ${missed} the lowest`
  }
}

/** The end of a search on a terminal. */
export function endText(report: CapacityReport, page: string): string {
  const notes = report.notes.map((note) => `note: ${printable(note)}\n`).join('')
  return `\n${notes}${printable(objectiveText(report))}\n${report.text}\n\n${printable(page)}\n`
}

export function objectiveText({ objective }: CapacityReport): string {
  return objective.map(({ expression }) => expression).join(', ')
}

export function perSecond(rate: number, of: Searched): string {
  return `${rateText(rate)} ${countedWords[of]}/s`
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`
}

/** What a condition is about: all before its comparison; names may be in quotes. */
function nameOf(expression: string): string {
  return /^(?:"[^"]*"|'[^']*'|[^<>"'])*/.exec(expression)![0].trimEnd()
}
