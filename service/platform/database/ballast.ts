import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

const blockBytes = 1024 * 1024

export interface Ballast {
  /** Makes the file when it is missing and there is space for it. */
  build(): Promise<'there' | 'built' | 'no-space'>
  /** Gives the space back; false when there was nothing to give. */
  drop(): Promise<boolean>
}

/**
 * A file that only takes up space. PostgreSQL cannot start on a full disk even to recover; deleting this
 * gives it the room to.
 */
export function createBallast(directory: string, bytes: number): Ballast {
  const path = join(directory, 'ballast')
  async function build() {
    if (bytes === 0 || (await size(path)) >= bytes) return 'there'
    const { bavail, bsize } = await statfs(directory)
    // Twice, so that building it never fills the disk again.
    if (bavail * bsize < 2 * bytes) return 'no-space'
    const unfinished = `${path}.new`
    const file = await open(unfinished, 'w', 0o600)
    try {
      // Random, so that a file system which compresses or leaves out zeros gives it real space.
      const block = randomBytes(blockBytes)
      for (let written = 0; written < bytes; written += blockBytes) {
        await file.write(block, 0, Math.min(blockBytes, bytes - written))
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
    return 'built'
  }
  async function drop() {
    const there = (await size(path)) > 0
    await rm(path, { force: true })
    await rm(`${path}.new`, { force: true })
    return there
  }
  return { build, drop }
}

async function size(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  )
}
