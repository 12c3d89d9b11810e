export { takeBackup } from './backup.ts'
export { checkBackup, checkInstallation, type Check } from './check.ts'
export { mustNotBeHalfRestored, restoreBackup, type RestoreTold } from './restore.ts'
