import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** All code that the process runs, ours and that of packages, in a few files. See docs/decisions/0017-packed-code.md. */
export interface Packed {
  /** Where it was made from. Its files are still read there: pages' styles, playbooks, migrations. */
  project: string
  /** The file to run, beside the list itself. */
  entry: string
  /** Path in the project, and what stood there. */
  madeFrom: [path: string, mark: string][]
}

export const project = fileURLToPath(new URL('..', import.meta.url))
const packing = fileURLToPath(new URL('./packing.ts', import.meta.url))

export const packedFolder = (cache: string): string => join(cache, 'packed')
export const packedList = (cache: string): string => join(packedFolder(cache), 'packed.json')

/** What tells one content from another. Packages are five times as much to read, and change with an installation only. */
export function markOf(path: string): string {
  const file = join(project, path)
  if (!path.startsWith('node_modules/') || path.endsWith('.json')) return hash('sha1', readFileSync(file))
  const { size, mtimeMs } = statSync(file)
  // Layers of a container keep whole seconds.
  return `${size} ${Math.floor(mtimeMs / 1000)}`
}

/** The packed code, if it is of exactly these files. */
export function packedCode(cache: string): URL | null {
  try {
    const packed: Packed = JSON.parse(readFileSync(packedList(cache), 'utf8'))
    const isOfThese = packed.project === project && packed.madeFrom.every(([path, mark]) => markOf(path) === mark)
    return isOfThese ? pathToFileURL(join(packedFolder(cache), packed.entry)) : null
  } catch {
    // Never made, of another shape, or of a file that is gone.
    return null
  }
}

/** For the next start, beside this one and behind all that it has to do. Where it cannot be made, files it is. */
export function makePacked(cache: string): void {
  const child = spawn(process.execPath, [packing, cache], { stdio: 'ignore' })
  child.on('error', () => {})
  if (child.pid === undefined) return
  try {
    setPriority(child.pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It ended already.
  }
  child.unref()
  process.once('exit', () => child.kill())
}
