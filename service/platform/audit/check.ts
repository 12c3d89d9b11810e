import { entryHash, personalDigest, type AuditHead, type ChainedEntry } from './chain.ts'

/** What shows that the history is not as it was written. */
export interface ChainFault {
  kind: 'changed' | 'missing' | 'twice' | 'outside' | 'erased-unrecorded' | 'cut'
  /** The row's number in the table, where there is a row. */
  id: string | null
  position: number | null
  says: string
}

export interface ChainReport {
  entries: number
  head: AuditHead | null
  /** Of whom personal fields were erased, as recorded. */
  erased: number
  /** In the order of the history; the first is the first bad row. */
  faults: ChainFault[]
  /** How many there are in all: only the first hundred are listed. */
  faultCount: number
}

export interface ChainCheck {
  /** Entries in the order of their positions. */
  take(entry: ChainedEntry): void
  /** Rows without a position. */
  takeOutside(row: { id: string; at: string }): void
  report(): ChainReport
}

const listed = 100

/** AUD-1, AUD-4, AUD-6: walks the chain once, and holds it against heads that were kept elsewhere. */
export function checkChain(anchors: readonly AuditHead[], hashes: readonly string[] = []): ChainCheck {
  const faults: ChainFault[] = []
  let faultCount = 0
  let entries = 0
  let last: { position: number; hash: Buffer | null } | null = null
  const anchorsAt = Map.groupBy(anchors, ({ position }) => position)
  const hashesLeft = new Set(hashes)
  const erased = new Map<string, number>()
  const erasuresTold = new Set<string>()

  const found = (fault: ChainFault): void => {
    faultCount += 1
    if (faults.length < listed) faults.push(fault)
  }
  return {
    take(entry) {
      entries += 1
      const position = Number(entry.position)
      const expected = (last?.position ?? 0) + 1
      const fault =
        position === expected ? contentFault(entry, position, last?.hash ?? null) : gap(entry, position, expected)
      if (fault !== null) found(fault)
      if (entry.salt === null) erased.set(entry.id, position)
      if (entry.action === 'audit.erased') for (const id of erasedIn(entry)) erasuresTold.add(id)
      for (const anchor of anchorsAt.get(position) ?? []) {
        if (entry.hash?.toString('hex') === anchor.hash) continue
        found({
          kind: 'cut',
          ...where(entry, position),
          says: `entry ${position} is not the one that the kept head names: the history was cut off before it and written anew`,
        })
      }
      anchorsAt.delete(position)
      if (entry.hash !== null) hashesLeft.delete(entry.hash.toString('hex'))
      last = { position, hash: entry.hash }
    },
    takeOutside({ id, at }) {
      found({
        kind: 'outside',
        id,
        position: null,
        says: `row ${id} (${at}) is not in the chain: it was not written by Phasegate, or by a version before the chain`,
      })
    },
    report() {
      for (const [id, position] of erased) {
        if (erasuresTold.has(id)) continue
        const says = `entry ${position} (row ${id}) has lost its personal fields, and no entry records that they were erased`
        found({ kind: 'erased-unrecorded', id, position, says })
      }
      const end = last?.position ?? 0
      for (const position of anchorsAt.keys()) {
        const says = `the history ends at entry ${end}, and the kept head names entry ${position}: ${position - end} are gone`
        found({ kind: 'cut', id: null, position: end + 1, says })
      }
      for (const hash of hashesLeft) {
        const says = `no entry has the hash ${hash}: the history was cut off before it, or changed`
        found({ kind: 'cut', id: null, position: null, says })
      }
      const head = last?.hash ? { position: last.position, hash: last.hash.toString('hex') } : null
      return { entries, head, erased: erased.size, faults: faults.toSorted(byPlace), faultCount }
    },
  }
}

function byPlace(one: ChainFault, other: ChainFault): number {
  return (one.position ?? Infinity) - (other.position ?? Infinity)
}

function gap(entry: ChainedEntry, position: number, expected: number): ChainFault {
  const at = where(entry, position)
  if (position < expected)
    return { kind: 'twice', ...at, says: `row ${entry.id} has the position ${position}, which is taken` }
  const gone = position === expected + 1 ? `entry ${expected} is` : `entries ${expected} to ${position - 1} are`
  return { kind: 'missing', ...at, position: expected, says: `${gone} missing before row ${entry.id}` }
}

function contentFault(entry: ChainedEntry, position: number, before: Buffer | null): ChainFault | null {
  const changed = (what: string): ChainFault => ({
    kind: 'changed',
    ...where(entry, position),
    says: `entry ${position} (row ${entry.id}, ${entry.at}) ${what}`,
  })
  if (entry.personal === null || entry.hash === null) return changed('has lost its hash')
  if (entry.salt !== null && !personalDigest(entry, entry.salt).equals(entry.personal))
    return changed('was changed after it was written')
  if (!entryHash(entry, entry.personal, before).equals(entry.hash))
    return changed('was changed after it was written, or does not follow from the one before it')
  return null
}

function where(entry: ChainedEntry, position: number): { id: string; position: number } {
  return { id: entry.id, position }
}

/** AUD-6: an erasure names the rows that it reached. */
function erasedIn(entry: ChainedEntry): string[] {
  try {
    const { entries } = JSON.parse(entry.detail ?? '{}') as { entries?: unknown }
    return Array.isArray(entries) ? entries.map(String) : []
  } catch {
    return []
  }
}
