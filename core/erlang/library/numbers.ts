/** Arithmetic functions: of `erlang` and `math`. */
import { asNumber } from '../term/coerce.ts'
import { compare } from '../term/compare.ts'
import { badarg, fault, type Library, type Term } from '../term/term.ts'

export const numbers: Library = {
  'erlang:abs/1': ([value]) => {
    const number = numeric(value)
    return number < 0 ? -number : number
  },
  'erlang:round/1': ([value]) => {
    const number = numeric(value)
    if (typeof number === 'bigint') return number
    // Halves go away from zero.
    const size = Math.abs(number)
    const below = Math.floor(size)
    return BigInt(Math.sign(number) * (size - below >= 0.5 ? below + 1 : below))
  },
  'erlang:trunc/1': ([value]) => whole(value, Math.trunc),
  'erlang:floor/1': ([value]) => whole(value, Math.floor),
  'erlang:ceil/1': ([value]) => whole(value, Math.ceil),
  'erlang:float/1': ([value]) => Number(numeric(value)),
  'erlang:max/2': ([a, b], machine) => (compare(a, b, machine) >= 0 ? a : b),
  'erlang:min/2': ([a, b], machine) => (compare(a, b, machine) <= 0 ? a : b),
  'math:pi/0': () => Math.PI,
  'math:sqrt/1': ([value]) => real(Math.sqrt(float(value))),
  'math:pow/2': ([base, exponent]) => real(float(base) ** float(exponent)),
  'math:exp/1': ([value]) => real(Math.exp(float(value))),
  'math:log/1': ([value]) => real(Math.log(float(value))),
  'math:log2/1': ([value]) => real(Math.log2(float(value))),
  'math:log10/1': ([value]) => real(Math.log10(float(value))),
  'math:sin/1': ([value]) => real(Math.sin(float(value))),
  'math:cos/1': ([value]) => real(Math.cos(float(value))),
  'math:tan/1': ([value]) => real(Math.tan(float(value))),
  'math:atan2/2': ([y, x]) => real(Math.atan2(float(y), float(x))),
  'math:floor/1': ([value]) => real(Math.floor(float(value))),
  'math:ceil/1': ([value]) => real(Math.ceil(float(value))),
  'math:fmod/2': ([a, b]) => real(float(a) % float(b)),
}

function numeric(term: Term): bigint | number {
  const value = asNumber(term)
  if (typeof value === 'bigint' || typeof value === 'number') return value
  throw badarg()
}

function float(term: Term): number {
  return Number(numeric(term))
}

function whole(term: Term, round: (value: number) => number): bigint {
  const value = numeric(term)
  return typeof value === 'bigint' ? value : BigInt(round(value))
}

function real(value: number): number {
  if (Number.isFinite(value)) return value
  throw fault('badarith')
}
