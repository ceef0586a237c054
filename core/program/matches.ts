/** `<match>`: whether an answer has something, and what follows from it. Source: reference tsung-core.md, 1.11 and 6. */
import { byteString } from '../byte-string.ts'
import type { Environment, ScenarioFunction } from '../dynvars/environment.ts'
import { functionOf, type Scope } from '../dynvars/template.ts'
import { render } from '../dynvars/value.ts'
import { unreachable } from '../json.ts'
import { type CompiledRegexp, translateRegexp } from '../regexp/translate.ts'
import type { Match } from '../scenario/model.ts'
import type { Answer } from './answer.ts'
import { ChangingText } from './changing-text.ts'
import type { MatchCounts, Outcome } from './checks.ts'

export const goOn: Outcome = { type: 'continue' }
const restart: Outcome = { type: 'restart' }
const abort: Outcome = { type: 'abort' }
const abortTest: Outcome = { type: 'abort_test' }

/** The name of a match without one. */
const noName = '-'

export class CompiledMatch {
  readonly #match: Match
  /** Null: it is no expression. */
  readonly #regexp: ChangingText<CompiledRegexp | null>
  readonly #filter: ScenarioFunction | null
  readonly #loop: Outcome
  /** Null: it has no name to count under. */
  readonly #counter: string | null

  constructor(match: Match, scope: Scope) {
    const { pattern, applyToContent, name } = match
    this.#match = match
    const constant = compilePattern(byteString(pattern))
    this.#regexp = new ChangingText(pattern, match.subst, scope, constant, compilePattern)
    this.#filter = applyToContent && functionOf(applyToContent.module, applyToContent.name, scope)
    this.#loop = { type: 'loop', ms: match.sleepLoopMs, back: match.loopBack }
    this.#counter = name === noName ? null : `match.${name}`
  }

  /** @returns null: the next match decides */
  run(answer: Answer, counts: MatchCounts, environment: Environment): Outcome | null {
    const { observer } = answer
    const match = this.#match
    const isMatch = this.#test(answer, environment)
    const isHit = isMatch === (match.when === 'match')
    observer.count(isMatch ? 'match' : 'nomatch')
    if (isHit && this.#counter !== null) observer.count(this.#counter)
    observer.matched(match.line, match.pattern, isMatch, isHit ? match.do : '')
    if (isHit) return this.#hit(answer, isMatch ? 'match' : 'nomatch', counts)
    if (match.do === 'loop') counts.loops = 0
    else if (match.do === 'restart') counts.restarts = 0
    return null
  }

  #test(answer: Answer, environment: Environment): boolean {
    let text = this.#match.skipHeaders ? answer.body : answer.content
    if (this.#filter !== null) text = render(this.#filter(environment, text) ?? '')
    const regexp = this.#regexp.get(environment)
    if (regexp !== null) return regexp.test(text)
    answer.observer.count('error_match_regexp')
    return false
  }

  #hit(answer: Answer, event: string, counts: MatchCounts): Outcome | null {
    const { observer } = answer
    const match = this.#match
    switch (match.do) {
      case 'continue':
        return null
      case 'dump':
        observer.dump(answer.content)
        observer.log(event, match.name)
        return null
      case 'log':
        observer.log(event, match.name)
        return null
      case 'abort':
        return this.#end(answer, 'match_stop', abort)
      case 'abort_test':
        return this.#end(answer, 'match_stop_test', abortTest)
      case 'restart':
        if (counts.restarts >= match.maxRestart) {
          return this.#end(answer, 'match_restart_abort', abort)
        }
        counts.restarts++
        return this.#end(answer, 'match_restart', restart)
      case 'loop':
        observer.count('match_loop')
        if (counts.loops >= match.maxLoop) {
          counts.loops = 0
          return goOn
        }
        counts.loops++
        return this.#loop
      default:
        return unreachable(match.do)
    }
  }

  /** @param event a counter, and the word in match.log */
  #end({ observer }: Answer, event: string, outcome: Outcome): Outcome {
    observer.count(event)
    observer.log(event, this.#match.name)
    return outcome
  }
}

function compilePattern(pattern: string): CompiledRegexp | null {
  const regexp = translateRegexp(pattern, 'test')
  return 'type' in regexp ? null : regexp
}
