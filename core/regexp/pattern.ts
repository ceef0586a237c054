/** A PCRE expression as a tree. Options such as `(?i)` are already applied to what they govern. */
import type { CharacterSet } from './character-set.ts'

export type Pattern =
  /** One byte of a set. */
  | { readonly type: 'set'; readonly set: CharacterSet }
  | { readonly type: 'sequence'; readonly items: readonly Pattern[] }
  /** The first that fits is taken. */
  | { readonly type: 'choice'; readonly items: readonly Pattern[] }
  /** A capturing group, numbered from 1. */
  | { readonly type: 'group'; readonly number: number; readonly body: Pattern }
  /** Once matched it is not tried again: `(?>…)`, possessive quantifiers. */
  | { readonly type: 'atomic'; readonly body: Pattern }
  | {
      readonly type: 'repeat'
      readonly body: Pattern
      readonly min: number
      /** Infinity: no bound. */
      readonly max: number
      readonly isLazy: boolean
    }
  | {
      readonly type: 'look'
      readonly way: 'ahead' | 'behind'
      readonly isNegative: boolean
      readonly body: Pattern
    }
  | { readonly type: 'assertion'; readonly kind: Assertion }
  | { readonly type: 'backreference'; readonly number: number; readonly ignoresCase: boolean }

/**
 * `line-start` and `line-end`: `^` and `$` under `(?m)`. `last-line-end`: `$` and `\Z`, also before a final newline.
 */
export type Assertion =
  | 'start'
  | 'end'
  | 'last-line-end'
  | 'line-start'
  | 'line-end'
  | 'word-boundary'
  | 'no-word-boundary'

/** Why an expression cannot be used. */
export interface RegexpFault {
  /** `invalid`: PCRE refuses it too; `unsupported`: JavaScript has nothing for it. */
  readonly type: 'invalid' | 'unsupported'
  readonly text: string
}

/** Thrown inside this folder; `translateRegexp` returns its fault. */
export class RegexpError extends Error {
  readonly fault: RegexpFault
  constructor(type: RegexpFault['type'], text: string) {
    super(text)
    this.fault = { type, text }
  }
}
