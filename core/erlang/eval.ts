/** Erlang code in scenarios (`sourcetype="eval"`). */
import type { ScenarioFunction } from '../dynvars/environment.ts'

/** @returns the function that the code makes, or why there is none and where in the code */
export function compileEval(
  _code: string,
): { readonly call: ScenarioFunction } | { readonly fault: string; readonly offset: number } {
  return { fault: 'Erlang is not known', offset: 0 }
}
