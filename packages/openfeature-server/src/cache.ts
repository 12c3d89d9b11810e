import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { validateSnapshot, type Snapshot } from '../../admission/src/index.ts'

/** The snapshot of an earlier run, or null where there is none that can be used. */
export async function readKept(file: string): Promise<Snapshot | null> {
  try {
    const checked = validateSnapshot(JSON.parse(await readFile(file, 'utf8')))
    return checked.ok ? checked.snapshot : null
  } catch {
    return null
  }
}

const waiting = new Map<string, Snapshot>()
const writing = new Set<string>()

/** Written beside and put in place, so that a crash leaves the old or the new one; of many in a row the last is written. */
export function keepSnapshot(file: string, snapshot: Snapshot): void {
  waiting.set(file, snapshot)
  if (!writing.has(file)) void writeWaiting(file)
}

async function writeWaiting(file: string): Promise<void> {
  writing.add(file)
  for (let next = waiting.get(file); next !== undefined; next = waiting.get(file)) {
    waiting.delete(file)
    // A disk that takes nothing must not end decisions: the next change is tried again.
    await put(file, JSON.stringify(next)).catch(() => {})
  }
  writing.delete(file)
}

/** The file whole, or as it was. */
export async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const beside = `${file}.${randomUUID()}`
  try {
    const handle = await open(beside, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
