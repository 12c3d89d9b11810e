import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CannotBeTried, type Stage } from './scenario.ts'

const megabyte = 1024 * 1024

/** A small disk of its own; it needs the right to mount one. */
export async function smallDisk(stage: Stage, megabytes: number): Promise<string> {
  const folder = await stage.folder('disk')
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { encoding: 'utf8' })
  if (mounted.status !== 0) throw new CannotBeTried(`a small disk cannot be mounted here (${mounted.stderr?.trim()})`)
  stage.onEnd(() => {
    // Lazily: what is still ending may hold it for a moment.
    spawnSync('umount', ['-l', folder])
  })
  chmodSync(folder, 0o711)
  return folder
}

/** Fills the disk with a file, but for what is to be left. */
export function fillDisk(folder: string, leftMegabytes: number): void {
  const file = openSync(join(folder, 'filler'), 'a')
  const block = Buffer.alloc(megabyte, 1)
  try {
    const left = () => {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    }
    while (left() > leftMegabytes * megabyte) writeSync(file, block, 0, Math.min(megabyte, left()))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

export function freeDisk(folder: string): void {
  rmSync(join(folder, 'filler'), { force: true })
}
