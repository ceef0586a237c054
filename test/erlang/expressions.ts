import { languageExpressions } from './language-expressions.ts'
import { libraryExpressions } from './library-expressions.ts'
import { textExpressions } from './text-expressions.ts'

/** Expressions whose values Erlang itself has told (test/golden/erlang.json), by what they are about. */
export const expressions: { readonly [about: string]: readonly string[] } = {
  ...languageExpressions,
  ...libraryExpressions,
  ...textExpressions,
}
