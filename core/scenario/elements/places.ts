/** Where an action may stand. */
export const anywhere: readonly string[] = [
  'session',
  'transaction',
  'for',
  'foreach',
  'repeat',
  'if',
]
