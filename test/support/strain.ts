import type { LauncherStrain } from '../../controller/launcher-strain.ts'

/** Of a launcher that had nothing to do. */
export const unstrained: LauncherStrain = {
  cpuShareMax: 0,
  gcShareMax: 0,
  stealMax: 0,
  loopDelayP99Ms: 0,
  descriptorsMax: 30,
  descriptorLimit: 1000,
  issued: 0,
  ownErrors: {},
  dueUsers: 0,
}
