import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs'

export interface SmallDisk {
  folder: string
  remove(): void
}

/** Why a test is left out where there is none. */
export const needsMount = 'needs the right to mount a small disk'

/** A disk of so many megabytes, to be filled; null where mounting one is not allowed. */
export function smallDisk(megabytes: number): SmallDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const folder = mkdtempSync('/tmp/phasegate-disk-')
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (status !== 0) {
    rmdirSync(folder)
    return null
  }
  chmodSync(folder, 0o711)
  return {
    folder,
    remove() {
      spawnSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}
