import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../platform/index.ts'
import type { Parts } from './large-sets.ts'

/** Who is in by which rung, in parts of the ledger, so that of a million people only the part with the change is read again. */
export type LedgerParts = ReadonlyMap<string, ReadonlyMap<number, LedgerPart>>

interface LedgerPart {
  /** How many, and a digest of which: both equal means that nobody came or went. */
  count: number
  digest: string
  units: readonly string[]
}

/** What says whom the share let in earlier and would not let in now. */
interface Drawn {
  share: number
  isCapped: boolean
  /** The last entry of the ledger before the present salt. */
  saltAfter: number
}

/** Rows of the ledger in one part. */
const rowsOfPart = 16_384
const fewParts = 4

/** The ledger as it is, by that of before where a part is the same. */
export async function readLedgerParts(
  db: Db,
  serviceId: string,
  { share, isCapped, saltAfter }: Drawn,
  before: LedgerParts | null,
): Promise<LedgerParts> {
  const counted = sql<boolean>`service_id = ${serviceId} and left_at is null
    and (rung <> 'share' or ${isCapped} or coalesce(bucket, 100000) >= ${share} or id <= ${saltAfter}::bigint)`
  const { rows } = await sql<{ rung: string; part: number; count: number; digest: string }>`
    select rung, (id / ${rowsOfPart}::int)::int as part, count(*)::int as count, bit_xor(hashint8extended(id, 0))::text as digest
    from admission where ${counted} group by rung, part order by part`.execute(db)
  const known = (rung: string, part: number): LedgerPart | undefined => before?.get(rung)?.get(part)
  const isKnown = ({ rung, part, count, digest }: (typeof rows)[number]): boolean => {
    const found = known(rung, part)
    return found !== undefined && found.count === count && found.digest === digest
  }
  const wanted = [...new Set(rows.filter((row) => !isKnown(row)).map(({ part }) => part))]
  // With what they are by now: what was counted a moment ago may have changed, and then the digest is another one next time.
  const read = wanted.length === 0 ? [] : await unitsOfParts(db, counted, wanted)
  const parts = new Map<string, Map<number, LedgerPart>>()
  for (const row of rows) {
    const { rung, part, count, digest } = row
    const units = isKnown(row)
      ? (known(rung, part)?.units ?? [])
      : (read.find((each) => each.rung === rung && each.part === part)?.units ?? [])
    const ofRung = parts.get(rung) ?? new Map<number, LedgerPart>()
    parts.set(rung, ofRung.set(part, { count, digest, units }))
  }
  return parts
}

/** A few parts by their places in the ledger; many by going through all of it once. */
async function unitsOfParts(
  db: Db,
  counted: RawBuilder<boolean>,
  wanted: readonly number[],
): Promise<{ rung: string; part: number; units: string[] }[]> {
  const ranges = wanted.map(
    (part) => sql`(id >= ${part * rowsOfPart}::bigint and id < ${(part + 1) * rowsOfPart}::bigint)`,
  )
  const isWanted =
    wanted.length <= fewParts
      ? sql`(${sql.join(ranges, sql` or `)})`
      : sql`(id / ${rowsOfPart}::int)::int = any(${[...wanted]}::int[])`
  const { rows } = await sql<{ rung: string; part: number; units: string[] }>`
    select rung, (id / ${rowsOfPart}::int)::int as part, array_agg(unit order by id) as units
    from admission where ${counted} and ${isWanted} group by rung, part`.execute(db)
  return rows
}

/** Those of one rung, or of several together. */
export function partsOf(ledger: LedgerParts, ...rungs: string[]): Parts {
  const parts = new Map<number, readonly string[]>()
  for (const rung of rungs)
    for (const [part, { units }] of ledger.get(rung) ?? []) parts.set(part, [...(parts.get(part) ?? []), ...units])
  return parts
}

export function unitsBy(ledger: LedgerParts, rung: string): string[] {
  return [...partsOf(ledger, rung).values()].flat()
}
