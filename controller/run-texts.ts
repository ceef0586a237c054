/** What a run says of itself. */
import type { Plan } from '../core/plan/model.ts'

export function startText(plan: Plan, folder: string): string {
  const launchers =
    plan.launchers.length === 1 ? '1 launcher' : `${plan.launchers.length} launchers`
  return `${plan.users} users on ${launchers}, seed ${plan.seed}, log in ${folder}`
}
