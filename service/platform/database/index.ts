export { createDiskGuard, type DiskGuard } from './disk-guard.ts'
export { openDatabase, poolOf, type Database } from './database.ts'
export { startEmbedded, type Embedded } from './embedded.ts'
export { migrate } from './migrate.ts'
