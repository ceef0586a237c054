/** What an operation does, in words (`tsts try`). */
import { unreachable } from '../core/json.ts'
import type { Op } from '../core/program/ops.ts'

export function opText(op: Op): string {
  switch (op.type) {
    case 'request':
      return `request ${op.label}`
    case 'thinktime':
      return op.thinkTime.type === 'wait_global' || op.thinkTime.type === 'wait_bidi'
        ? op.thinkTime.type
        : 'thinktime'
    case 'transaction-start':
      return `transaction ${op.metric} begins`
    case 'transaction-end':
      return `transaction ${op.metric} ends`
    case 'set-variables':
      return `setdynvars ${op.names.join(', ')}`
    case 'for-start':
      return `for ${op.name} begins`
    case 'for-end':
      return `for ${op.name}: end of the body`
    case 'foreach-start':
      return `foreach ${op.foreach.name} in ${op.foreach.list.name} begins`
    case 'foreach-end':
      return `foreach ${op.foreach.name}: end of the body`
    case 'pace':
      return 'pace'
    case 'repeat-start':
      return 'repeat begins'
    case 'repeat-end':
      return `repeat ${op.name}: end of the body`
    case 'if':
      return `if ${op.comparison.text}`
    case 'change-type':
      return `change_type ${op.newType}`
    case 'interaction':
      return `interaction ${op.what} ${op.id}`
    case 'abort':
      return `abort ${op.what}`
    case 'count':
    case 'sum':
      return op.counter
    case 'set-option':
      return `set_option ${op.option.name}`
    default:
      return unreachable(op)
  }
}
