import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createSetsAtHand, type SetsAtHand, type Snapshot } from '../../admission/src/index.ts'
import { put } from './cache.ts'

/** Large sets of a snapshot, each fetched once and kept beside the snapshot under its name, which says what is in it. */
export interface SnapshotSets extends Pick<SetsAtHand, 'atHand' | 'missing'> {
  /** From disk, as far as they are there. */
  load(snapshot: Snapshot): Promise<void>
  /** Asks for one that is missing; false where it did not come, or was another. */
  fetch(name: string, ask: (name: string) => Promise<Response>): Promise<boolean>
  /** Forgets what this snapshot does not name. */
  keep(snapshot: Snapshot): void
}

export function openSnapshotSets(cacheFile: string | null): SnapshotSets {
  const folder = cacheFile === null ? null : `${cacheFile}.sets`
  const { atHand, missing, take, keep } = createSetsAtHand()
  const fetching = new Map<string, Promise<boolean>>()

  async function fetchOnce(name: string, ask: (name: string) => Promise<Response>): Promise<boolean> {
    const answer = await ask(name)
    const text = await answer.text()
    if (!answer.ok || !take(name, text)) return false
    // A disk that takes nothing must not end decisions.
    if (folder !== null) await put(join(folder, name), text).catch(() => {})
    return true
  }

  return {
    atHand,
    missing,
    async load(snapshot) {
      if (folder === null) return
      for (const name of missing(snapshot)) {
        const text = await readFile(join(folder, name), 'utf8').catch(() => null)
        if (text !== null) take(name, text)
      }
    },
    fetch(name, ask) {
      const fetched = fetching.get(name) ?? fetchOnce(name, ask).finally(() => fetching.delete(name))
      fetching.set(name, fetched)
      return fetched
    },
    keep(snapshot) {
      const named = keep(snapshot)
      if (folder !== null) void tidy(folder, named)
    },
  }
}

async function tidy(folder: string, named: ReadonlySet<string>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    for (const name of await readdir(folder)) if (!named.has(name)) await rm(join(folder, name), { force: true })
  } catch {
    // What is left over takes room and does no harm.
  }
}
