import type { InventoryChoice } from '../../controller/inventory/read-inventory.ts'

/** How lists are read when nothing is said. */
export const anyChoice: InventoryChoice = {
  format: 'auto',
  limit: null,
  output: null,
  isPrivate: false,
}
