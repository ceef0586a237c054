/** PCRE expressions, as scenarios have them, to JavaScript's. */

/** Why an expression cannot be used. */
export interface RegexpFault {
  /** `invalid`: PCRE refuses it too; `unsupported`: JavaScript has nothing for it. */
  readonly type: 'invalid' | 'unsupported'
  readonly text: string
}

/** @param pattern a byte string, as the answers that it is held against */
export type TranslateRegexp = (pattern: string) => RegExp | RegexpFault
