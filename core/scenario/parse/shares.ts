/** Shares of the sessions: probabilities or weights, never both. Source: reference tsung-core.md, 1.10. */
import type { ScenarioElement } from '../declaration.ts'
import type { Report } from '../report.ts'
import { hasMisspelt, numberOf } from './values.ts'

export type ShareStyle = 'probability' | 'weight'

export interface SessionShares {
  /** Null when no session has a share. */
  readonly style: ShareStyle | null
  readonly shares: readonly number[]
}

/** How far probabilities may be from 100 together. */
const tolerance = 0.05

export function parseShares(sessions: readonly ScenarioElement[], report: Report): SessionShares {
  let style: ShareStyle | null = null
  const shares = sessions.map((session) => {
    const share = shareOf(session, style, 'session', report)
    style ??= share?.style ?? null
    return share?.value ?? 0
  })
  return { style, shares }
}

/**
 * Shares in one phase: `session_setup` replaces those of the sessions it names.
 */
export function sharesInPhase(
  phase: ScenarioElement,
  names: readonly string[],
  base: SessionShares,
  report: Report,
): readonly number[] {
  const shares = [...base.shares]
  for (const setup of phase.children.filter(({ name }) => name === 'session_setup')) {
    const wanted = setup.attributes.get('name')
    if (wanted === undefined) continue
    const share = shareOf(setup, base.style, 'session_setup', report)
    if (share === null) continue
    const chosen = sessionsNamed(wanted, names)
    if (chosen.length === 0) {
      const text = `no session is called "${wanted}": this session_setup does nothing`
      report.warning('W_NO_SESSION', text, setup.attributePosition('name'))
    }
    for (const index of chosen) shares[index] = share.value
  }
  checkTotal(phase, shares, base.style, report)
  return shares
}

/** Indexes of the sessions whose name is meant; `*` and `?` as Tsung has them: the first of each. */
export function sessionsNamed(pattern: string, names: readonly string[]): readonly number[] {
  const source = pattern.replace('*', '.*').replace('?', '.')
  const expression = expressionOf(`^(?:${source})$`)
  if (expression === null) return []
  return names.flatMap((name, index) => (expression.test(name) ? [index] : []))
}

function expressionOf(source: string): RegExp | null {
  try {
    return new RegExp(source, 's')
  } catch {
    return null
  }
}

function shareOf(
  element: ScenarioElement,
  style: ShareStyle | null,
  name: string,
  report: Report,
): { readonly style: ShareStyle; readonly value: number } | null {
  const { attributes, position } = element
  const hasProbability = attributes.has('probability')
  const hasWeight = attributes.has('weight')
  if (!hasProbability && !hasWeight) {
    if (hasMisspelt(element, ['probability', 'weight'])) return null
    const text = `must set weight or probability in ${name}`
    const hint = `this ${name} has neither`
    if (name === 'session') report.error('E_SHARE', text, position, hint)
    else report.unplayable('U_UNUSABLE', text, position, hint)
    return null
  }
  if (hasProbability && hasWeight) {
    const hint = `this ${name} has both`
    report.error('E_SHARE', "can't mix probabilities and weights", position, hint)
    return null
  }
  const own = hasWeight ? 'weight' : 'probability'
  if (style !== null && style !== own) {
    const text =
      own === 'probability'
        ? "can't use probability when using weight"
        : "can't use weights when using probabilities"
    report.error('E_SHARE', text, element.attributePosition(own), `the sessions have ${style}`)
    return null
  }
  return { style: own, value: numberOf(element, own) ?? 0 }
}

/** Reports probabilities that do not make 100, and phases in which nothing can be chosen. */
function checkTotal(
  phase: ScenarioElement,
  shares: readonly number[],
  style: ShareStyle | null,
  report: Report,
): void {
  const sum = shares.reduce((total, share) => total + share, 0)
  const number = phase.attributes.get('phase')
  if (style === 'probability' && Math.abs(sum - 100) > tolerance) {
    const text = `Total sum of session popularity is not equal to 100 in phase ${number}: it is ${rounded(sum)}`
    const hint = 'or give the sessions a weight= instead, which may have any total'
    report.unplayable('U_BAD_SUM', text, phase.position, hint)
    return
  }
  // A single session is chosen whatever its share.
  if (shares.length > 1 && sum <= 0) {
    const text = `every session has the weight 0 in phase ${number}: none could be chosen`
    report.unplayable('U_UNUSABLE', text, phase.position)
  }
}

function rounded(sum: number): string {
  return String(Math.round(sum * 1000) / 1000)
}
