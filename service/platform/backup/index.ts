export { takeBackup } from './backup.ts'
export { checkBackup, checkInstallation, type Check } from './check.ts'
export { isHalfRestored, mustNotBeHalfRestored, restoreBackup, type RestoreTold } from './restore.ts'
