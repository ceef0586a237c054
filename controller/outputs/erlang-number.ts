/**
 * A float as Erlang prints it: the shortest digits that read back the same, always with a point; an exponent where that
 * is shorter. `1000` is `1.0e3`, `0.00012` is `1.2e-4`, `100` is `100.0`.
 */
export function erlangFloat(value: number): string {
  if (!Number.isFinite(value) || value === 0) return '0.0'
  const sign = value < 0 ? '-' : ''
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  return sign + withPoint(digits, Number(exponent) + 1)
}

/** The number 0.DIGITS · 10^place, written as fixed or with an exponent, whichever is shorter. */
function withPoint(digits: string, place: number): string {
  const length = digits.length
  if (place === 0) return `0.${digits}`
  if (place > 0 && place < length) return `${digits.slice(0, place)}.${digits.slice(place)}`
  const exponent = String(place - 1)
  const exponentCost = exponent.length + 1 + (length === 1 ? 2 : 1)
  if (place < 0) {
    return 2 - place <= exponentCost
      ? `0.${'0'.repeat(-place)}${digits}`
      : scientific(digits, exponent)
  }
  const zeros = place - length
  return zeros + 2 <= exponentCost
    ? `${digits}${'0'.repeat(zeros)}.0`
    : scientific(digits, exponent)
}

function scientific(digits: string, exponent: string): string {
  return `${digits[0]}.${digits.slice(1) || '0'}e${exponent}`
}
