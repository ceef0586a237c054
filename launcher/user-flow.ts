/** A user's way through loops and branches. Source: reference tsung-core.md, 1.12. */
import { unreachable } from '../core/json.ts'
import {
  againFor,
  againForeach,
  againRepeat,
  entersIf,
  type ForeachItems,
  foreachItems,
  isCurrent,
  type Player,
  startFor,
  startForeach,
} from '../core/program/flow.ts'
import type { FlowOp, Foreach } from '../core/program/ops.ts'
import type { Program } from '../core/program/program.ts'

/** The operation after this one is next. */
export const next = -1

export class UserFlow {
  readonly #player: Player
  /** What is gone through, by number of the `<foreach>`. */
  readonly #items: (ForeachItems | null)[]

  constructor(player: Player, { foreachs }: Program) {
    this.#player = player
    this.#items = new Array<ForeachItems | null>(foreachs).fill(null)
  }

  /** @returns the operation to go on with, or `next` */
  play(op: FlowOp): number {
    const player = this.#player
    switch (op.type) {
      case 'if':
        return entersIf(op, player) ? next : op.end
      case 'for-start':
        startFor(op, player)
        return next
      case 'for-end':
        return againFor(op, player) ? op.body : next
      case 'repeat-start':
        player.variables.set(op.slot, undefined)
        return next
      case 'repeat-end':
        return againRepeat(op, player) ? op.body : next
      case 'foreach-start': {
        const items = this.#look(op.foreach)
        return startForeach(op.foreach, items, player) ? next : op.end
      }
      case 'foreach-end':
        return againForeach(op.foreach, this.#itemsOf(op.foreach), player) ? op.body : next
      default:
        return unreachable(op)
    }
  }

  /** Looked at again when the variable was set anew meanwhile. */
  #itemsOf(foreach: Foreach): ForeachItems | null {
    const known = this.#items[foreach.loop] ?? null
    return known !== null && isCurrent(known, foreach, this.#player) ? known : this.#look(foreach)
  }

  #look(foreach: Foreach): ForeachItems | null {
    const items = foreachItems(foreach, this.#player)
    this.#items[foreach.loop] = items
    return items
  }
}
