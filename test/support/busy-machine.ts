/** What a run may say of a machine that is busy with other things: its launchers are late. */
export const ofBusyMachine: ReadonlySet<string> = new Set([
  'V_LATE',
  'V_LOOP',
  'V_STALLED',
  'V_CPU',
  'V_STEAL',
])
