import { statfsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'

export interface DiskGuard {
  /** False when what is left on the disk is the reserve: refuse to take in more. */
  hasRoom(): boolean
  freeBytes(): number
  stop(): void
}

/** Watches the free space of a folder once a second, so that asking costs nothing. */
export function createDiskGuard(options: { directory: string; reserveBytes: number }): DiskGuard {
  const { directory, reserveBytes } = options
  let free = available(statfsSync(directory))
  const timer = setInterval(() => {
    statfs(directory).then(
      (found) => (free = available(found)),
      // A folder that cannot be asked cannot be written to either.
      () => (free = 0),
    )
  }, 1000)
  timer.unref()
  return { hasRoom: () => free > reserveBytes, freeBytes: () => free, stop: () => clearInterval(timer) }
}

function available(found: { bavail: number; bsize: number }): number {
  return found.bavail * found.bsize
}
