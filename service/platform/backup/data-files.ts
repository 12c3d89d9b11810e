import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

/** Where a restore that did not come to its end says so. */
export const unfinishedMark = 'restore-unfinished'

/** Made anew, of use on this machine only, or a proof that must not come from a backup. All else belongs to it. */
const leftOut = ['postgres', 'mails', 'phasegate.log', 'audit-head', unfinishedMark]
const passing = /\.(tmp|new|old|partial|pid|lock|sock)$|\.phasegate-backup$/

export interface DataFile {
  /** Below the data folder, with `/`. */
  name: string
  mode: number
}

/** What a backup takes along from the data folder besides the database. */
export async function dataFiles(dataDirectory: string): Promise<DataFile[]> {
  const found: DataFile[] = []
  const entries = await readdir(dataDirectory, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(dataDirectory, path).split('\\').join('/')
    if (!entry.isFile() || passing.test(name) || leftOut.includes(name.split('/')[0] ?? '')) continue
    const mode = await lstat(path).then(
      (stats) => stats.mode & 0o777,
      () => null,
    )
    if (mode !== null) found.push({ name, mode })
  }
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

export async function* contentOf(dataDirectory: string, name: string): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(join(dataDirectory, name))) yield piece as Buffer
}

/** A name in a backup must not lead out of the folder that it is put into. */
export function placeOf(dataDirectory: string, name: string): string | null {
  const folder = resolve(dataDirectory)
  const path = resolve(folder, name)
  const isOurs = path.startsWith(`${folder}/`) && !leftOut.includes(relative(folder, path).split('/')[0] ?? '')
  return isOurs && dirname(path) !== path ? path : null
}
