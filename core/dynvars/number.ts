/** Numbers in texts of variables. */

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const integer = /^[+-]?\d+$/
/** Digits up to which every whole number is exact. */
const exactDigits = 15

/**
 * Blanks around it count for nothing; null: it is no number.
 *
 * Counters of loops are read with every pass: plain digits are added up without an expression.
 */
export function numberOf(text: string): number | null {
  const digits = text.length
  if (digits > 0 && digits <= exactDigits) {
    let sum = 0
    let at = 0
    for (; at < digits; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      sum = sum * 10 + digit
    }
    if (at === digits) return sum
  }
  const trimmed = text.trim()
  return decimal.test(trimmed) ? Number(trimmed) : null
}

/**
 * Exact for whole numbers of any size.
 *
 * @returns below, at or above 0; null: one of them is no number
 */
export function compareNumbers(left: string, right: string): number | null {
  const a = numberOf(left)
  const b = numberOf(right)
  if (a === null || b === null) return null
  if (Math.max(left.length, right.length) > exactDigits) {
    const [bigA, bigB] = [left.trim(), right.trim()]
    if (integer.test(bigA) && integer.test(bigB)) return Number(bigInt(bigA) - bigInt(bigB))
  }
  return a - b
}

function bigInt(text: string): bigint {
  return BigInt(text.startsWith('+') ? text.slice(1) : text)
}
